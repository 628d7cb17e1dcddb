"""How large a file the page takes, in MiB: in the browser by its control, on the server whoever sends it."""

LARGEST_PICTURE_MB = 40
LARGEST_REPORT_MB = 50
LARGEST_MB = max(LARGEST_PICTURE_MB, LARGEST_REPORT_MB)
"""Of any control: Streamlit's own route for uploads knows one size for all of them."""
