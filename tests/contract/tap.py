# SPDX-License-Identifier: LGPL-2.1-or-later

"""Results in the Test Anything Protocol, one line each."""

import sys


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, what, problems):
        """One result: it is good if 'problems', a list of sentences, is empty."""
        self.count += 1
        self.failed += bool(problems)
        print('not ok' if problems else 'ok', self.count, '-', what, flush=True)
        for problem in problems:
            for line in str(problem).splitlines():
                print('#  ', line, flush=True)

    def skip(self, what, why):
        self.count += 1
        print('ok', self.count, '-', what, '# SKIP', why, flush=True)

    def done(self):
        print(f'1..{self.count}', flush=True)
        sys.exit(1 if self.failed else 0)
