"""The pages of the web page: each a function that draws one, called by `ui/web.py`."""
