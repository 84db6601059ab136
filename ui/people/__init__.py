"""Where several people use one app: the door through which all of them come, and the pages outside of it."""
