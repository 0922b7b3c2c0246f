# SPDX-License-Identifier: LGPL-2.1-or-later
"""The service as it runs, on a bus of its own and on a socket of its own."""

import os
import shutil
import subprocess
import tempfile
import time

PATIENCE_SEC = 60
CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
<type>system</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/>
<allow receive_sender="*"/><allow receive_requested_reply="true"/></policy>
</busconfig>
"""


class Running:
    """In a `with`: both are up when it begins, and gone when it has ended."""

    def __init__(self, service):
        self.directory = tempfile.mkdtemp(prefix="mymem-random-")
        self.bus = self.directory + "/bus"
        self.socket = self.directory + "/socket"
        configuration = self.directory + "/bus.conf"
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(self.bus))
        self.broker = subprocess.Popen(["dbus-daemon", "--nofork", "--config-file=" + configuration])
        self.await_file(self.bus, self.broker)
        address = "--address=unix:path=" + self.bus
        self.service = subprocess.Popen([service, address, "--listen=" + self.socket])
        self.await_file(self.socket, self.service)

    @staticmethod
    def await_file(path, process):
        end = time.monotonic() + PATIENCE_SEC
        while not os.path.exists(path):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(path)
            time.sleep(0.01)

    def await_name(self, connection):
        """Until the service has its name on the bus."""
        end = time.monotonic() + PATIENCE_SEC
        while connection.call("/org/mymem1", "org.freedesktop.DBus.Peer", "Ping").error:
            if time.monotonic() > end:
                raise RuntimeError("The service has no name.")
            time.sleep(0.01)

    def environment(self):
        """For a program that is to ask this service."""
        address = "unix:path=" + self.bus
        return dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=address, MYMEM_SOCKET=self.socket)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.service, self.broker):
            process.terminate()
            process.wait()
        shutil.rmtree(self.directory)
