"""Domain values and other people's formats, one translator per format."""
