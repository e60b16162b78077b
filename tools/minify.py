"""Make the files of the page smaller before they are gzipped, with the library tdewolff-minify:
comments and spaces go, names of a script's own variables become short.

Without it (there is no ready-made one for every machine) they stay as they are, and work.
"""

_KINDS = {
    "js": "application/javascript",
    "css": "text/css",
    "html": "text/html",
    "svg": "image/svg+xml",
}


def smaller(name, data):
    """The bytes of a file of the page, smaller; ``name``: its name, which tells what it is."""
    kind = _KINDS.get(name.rpartition(".")[2])
    if kind is None or not there():
        return data
    import minify

    return minify.string(kind, data.decode("utf-8")).encode("utf-8")


def there():
    """Whether the library is installed."""
    try:
        import minify  # noqa: F401
    except ImportError:
        return False
    return True
