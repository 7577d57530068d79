"""`python -m tests.isolation TENANTS REQUESTS`: weather the storm."""

import sys

from tests.isolation.storm import main

main(int(sys.argv[1]), int(sys.argv[2]))
