"""`python -m hesse` is the command line."""

from hesse.cli.main import main

if __name__ == "__main__":
    main()
