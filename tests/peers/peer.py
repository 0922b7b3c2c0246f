# SPDX-License-Identifier: LGPL-2.1-or-later

"""The programs that read metrics: Debian's promtool, prometheus-node-exporter and prometheus, as they are
installed or as tools/setup has unpacked them, on the loopback interface."""

import contextlib
import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

PATIENCE_SEC = 60
CACHE = pathlib.Path(os.environ.get('XDG_CACHE_HOME') or pathlib.Path.home() / '.cache') / 'mymem' / 'peers'
OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'


def find(name):
    """Where the program is; None if it is nowhere."""
    return shutil.which(name) or shutil.which(name, path=str(CACHE / 'usr' / 'bin'))


def parsers():
    """The parsers of Prometheus's own library for Python, for its text format and for OpenMetrics; None if it
    is nowhere."""
    sys.path.append(str(CACHE / 'usr' / 'lib' / 'python3' / 'dist-packages'))
    try:
        from prometheus_client import parser
        from prometheus_client.openmetrics import parser as openmetrics
    except ImportError:
        return None
    return parser.text_string_to_metric_families, openmetrics.text_string_to_metric_families


def missing():
    """What there is not of all that."""
    names = [name for name in ('promtool', 'prometheus-node-exporter', 'prometheus') if not find(name)]
    return names + ([] if parsers() else ['prometheus_client'])


def get(url):
    with urllib.request.urlopen(url, timeout=PATIENCE_SEC) as reply:
        return reply.read().decode()


def wait_for(what, function):
    """What the function returns as soon as that is true."""
    deadline = time.monotonic() + PATIENCE_SEC
    while not (value := function()):
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)
    return value


def is_ready(process, url, log):
    if process.poll() is not None:
        raise RuntimeError(f'ended with {process.returncode}:\n{log.read_text(errors="replace")}')
    try:
        get(url)
    except OSError:
        return False
    return True


def free_address():
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return '127.0.0.1:%d' % one.getsockname()[1]


def launch(where, address, path, program, *options):
    log = pathlib.Path(where) / (program + '.log')
    with open(log, 'wb') as output:
        # With us it goes, however we go.
        process = subprocess.Popen(['setpriv', '--pdeathsig', 'TERM', find(program),
                                    f'--web.listen-address={address}', *options],
                                   cwd=where, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        wait_for(program, lambda: is_ready(process, f'http://{address}{path}', log))
    except BaseException:
        process.kill()
        process.wait()
        raise
    return process


@contextlib.contextmanager
def running(where, path, program, *options):
    """The program, until it answers at the path; gives its address. A port that was free a moment ago may be
    taken by somebody else, so there are several tries."""
    for attempt in range(3):
        address = free_address()
        try:
            process = launch(where, address, path, program, *options)
            break
        except RuntimeError as error:
            if attempt == 2 or 'address already in use' not in str(error):
                raise
    try:
        yield address
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_SEC)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def serving(text):
    """Serves the text as OpenMetrics; gives the address."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # pylint: disable=invalid-name
            self.send_response(200)
            self.send_header('Content-Type', OPENMETRICS)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):  # pylint: disable=arguments-differ
            pass

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield '127.0.0.1:%d' % server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Prometheus:
    """What a Prometheus says, by its interface for programs."""

    def __init__(self, address):
        self.address = address

    def ask(self, what, **arguments):
        url = f'http://{self.address}/api/v1/{what}?' + urllib.parse.urlencode(arguments)
        reply = json.loads(get(url))
        assert reply['status'] == 'success', reply
        return reply['data']

    def query(self, expression, label):
        """The values of an instant query, by a label."""
        result = self.ask('query', query=expression)['result']
        return {sample['metric'].get(label, ''): float(sample['value'][1]) for sample in result}

    def healths(self):
        """Whether what is scraped is up, by job."""
        return {target['labels']['job']: target['health'] for target in self.ask('targets')['activeTargets']}

    def evaluated_rules(self):
        """All rules, as soon as each was evaluated."""
        rules = [rule for group in self.ask('rules')['groups'] for rule in group['rules']]
        return rules if rules and all(rule['health'] != 'unknown' for rule in rules) else None
