# SPDX-License-Identifier: LGPL-2.1-or-later

"""dbus-broker as machines have it: dbus-broker-launch reads the files of policy, and tells it what they say.

It runs where it finds what it insists on: somebody who listens where the journal does, and the broker in
/usr/bin. Both are made for it alone, in a mount namespace of its own."""

import contextlib
import os
import shutil
import socket
import subprocess
import threading

import bus

PROGRAM = 'dbus-broker-launch'

# Arguments: the directory with the journal's socket, the one with the broker, the file of policy. The socket
# to listen on is descriptor 3.
SCRIPT = '''
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/journal
mount --bind "$1" /run/systemd/journal
test -x /usr/bin/dbus-broker || mount -t overlay overlay -o "lowerdir=$2:/usr/bin" /usr/bin
export LISTEN_FDS=1 LISTEN_PID=$$
exec dbus-broker-launch --scope system --config-file="$3"
'''


def missing():
    """Why it cannot run on this machine, or None."""
    if not shutil.which(PROGRAM):
        return 'there is no dbus-broker'
    tried = subprocess.run(['unshare', '--mount', 'true'], stderr=subprocess.DEVNULL, check=False)
    if tried.returncode != 0:
        return 'no mount namespace can be made'
    return None


def drain(journal):
    with contextlib.suppress(OSError):
        while journal.recv(65536):
            pass


@contextlib.contextmanager
def launched(where, policy, includes=()):
    """The same as bus.bus(), but with dbus-broker."""
    path = os.path.join(where, 'bus')
    config = bus.configure(where, path, policy, includes)
    journal_directory = os.path.join(where, 'journal')
    os.mkdir(journal_directory)

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal, \
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening, \
            open(os.path.join(where, 'bus.log'), 'w', encoding='utf-8') as log:
        journal.bind(os.path.join(journal_directory, 'socket'))
        threading.Thread(target=drain, args=[journal], daemon=True).start()
        listening.bind(path)
        os.chmod(path, 0o666)
        listening.listen()
        process = subprocess.Popen(
            ['unshare', '--mount', 'sh', '-c', SCRIPT, 'launch', journal_directory,
             os.path.dirname(shutil.which(PROGRAM)), config],
            env={**os.environ, 'DBUS_SYSTEM_BUS_ADDRESS': f'unix:path={path}'},
            preexec_fn=lambda: os.dup2(listening.fileno(), 3, inheritable=True), close_fds=False,
            stdout=log, stderr=log)
        try:
            yield f'unix:path={path}'
        finally:
            bus.stop(process)
            journal.shutdown(socket.SHUT_RDWR)
