"""The commands, one file each: parse words, make one call, print. Each is loaded when it is used."""
