"""The recipe that trains mini, the bundled checkpoint, from any captioned folder."""
