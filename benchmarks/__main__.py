"""`python -m benchmarks`, as `make bench` calls it."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
django.setup()

if __name__ == "__main__":
    from benchmarks.run import main

    main()
