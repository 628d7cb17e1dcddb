"""The command line and the web page: compose the other packages, call them, render what they return."""
