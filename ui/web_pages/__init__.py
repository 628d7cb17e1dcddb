"""The pages of the web page: each a function that draws one, called by `ui/web.py`.

The folder is not called `pages`: beside a script, Streamlit takes that name for its own older kind of pages,
and the first visit to any address but `/` would be told that there is no such page.
"""
