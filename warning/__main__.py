"""`python -m warning` is the same as `raksa`."""

import sys

from warning.command import main

sys.exit(main())
