"""The push engine against what else one could send with, on this machine's loopback."""
