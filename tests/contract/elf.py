# SPDX-License-Identifier: LGPL-2.1-or-later

"""What readelf says of how an ELF file is to be loaded, as far as that makes it harder to attack."""

import re
import subprocess


def readelf(*arguments):
    result = subprocess.run(['readelf', '--wide', *arguments], text=True, timeout=20, check=True,
                            stdout=subprocess.PIPE, env={'LC_ALL': 'C', 'PATH': '/usr/bin:/bin'})
    return result.stdout


class Elf:
    def __init__(self, path):
        dynamic = readelf('--dynamic', path)
        segments = readelf('--segments', path)
        self.type = re.search(r'Elf file type is (\w+)', segments).group(1)
        self.segments = {}
        for kind, flags in re.findall(r'^ +(\w+) .*0x[0-9a-f]+ ([R ][W ][E ]) 0x[0-9a-f]+$', segments,
                                      re.MULTILINE):
            self.segments.setdefault(kind, []).append(flags.replace(' ', ''))
        lines = re.findall(r'\(FLAGS\w*\) +(.*)$', dynamic, re.MULTILINE)
        self.flags = set(re.findall(r'\w+', ' '.join(lines)))
        self.tags = set(re.findall(r'\((\w+)\)', dynamic))
        self.imports = set(re.findall(r' UND (\w+)', readelf('--dyn-syms', path)))
