"""`python -m commune.run`."""

import sys

from commune.run.supervisor import main

sys.exit(main())
