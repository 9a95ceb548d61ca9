"""`python -m ppinfer` is the command `ppinfer`."""

from ppinfer.commands import main

main()
