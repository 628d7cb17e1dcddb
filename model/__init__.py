"""The one BridgeTower wrapper that indexer and search share; nothing else imports torch or transformers."""
