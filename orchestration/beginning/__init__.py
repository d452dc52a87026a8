"""`make new`: lays out the folder of a programme, from the files in template/."""
