# SPDX-License-Identifier: LGPL-2.1-or-later

"""A bus of our own, the service on it, and a client that shows what tools hide: names of errors, who
replied, calls without an interface. Every wait is bounded."""

import contextlib
import os
import select
import shutil
import socket
import struct
import subprocess
import tempfile

TIMEOUT_SEC = 20

# What the system bus starts from (system.conf of dbus-daemon): nobody owns a name or calls a method unless a
# service's own policy allows it.
SYSTEM_POLICY = '''
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
  </policy>
'''

OPEN_POLICY = '''
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
'''


@contextlib.contextmanager
def directory():
    """A directory that other users can look into."""
    with tempfile.TemporaryDirectory(prefix='mymem-contract-') as path:
        os.chmod(path, 0o755)
        yield path


def stop(process):
    process.terminate()
    try:
        process.wait(TIMEOUT_SEC)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def configure(where, path, policy, includes):
    """Writes the file that either broker reads, and says where."""
    config = os.path.join(where, 'bus.conf')
    with open(config, 'w', encoding='utf-8') as file:
        file.write(f'<busconfig>\n  <type>system</type>\n  <listen>unix:path={path}</listen>\n'
                   f'  <auth>EXTERNAL</auth>\n{policy}')
        for include in includes:
            file.write(f'  <include>{include}</include>\n')
        file.write('</busconfig>\n')
    return config


@contextlib.contextmanager
def bus(where, policy, includes=()):
    """A dbus-daemon with the policy and the files to include; gives its address."""
    path = os.path.join(where, 'bus')
    config = configure(where, path, policy, includes)
    log = os.path.join(where, 'bus.log')
    ready, their_ready = os.pipe()
    with open(log, 'w', encoding='utf-8') as file:
        process = subprocess.Popen(['dbus-daemon', f'--config-file={config}', '--nofork', '--nopidfile',
                                    f'--print-address={their_ready}'], pass_fds=[their_ready], stderr=file)
    try:
        os.close(their_ready)
        # End of file is an answer, too: dbus-daemon did not like what it read.
        if not select.select([ready], [], [], TIMEOUT_SEC)[0] or not os.read(ready, 4096):
            with open(log, encoding='utf-8') as file:
                raise RuntimeError(f'dbus-daemon does not start: {file.read()}')
        yield f'unix:path={path}'
    finally:
        os.close(ready)
        stop(process)


@contextlib.contextmanager
def service(where, address, uid=None, gid=None, options=()):
    """The service on that bus, ready; as another user if one is given; with more options."""
    # A copy, because a build tree is not always open to another user.
    program = shutil.copy(os.environ['MYMEM_SERVICE'], os.path.join(where, 'mymemd'))
    os.chmod(program, 0o755)

    path = os.path.join(where, 'notify')
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(path)
        os.chmod(path, 0o666)
        notify.settimeout(TIMEOUT_SEC)
        identity = {} if uid is None else {'user': uid, 'group': gid, 'extra_groups': []}
        process = subprocess.Popen([program, f'--address={address}', *options], cwd='/',
                                   env={**os.environ, 'NOTIFY_SOCKET': path}, **identity)
        try:
            while b'READY=1' not in notify.recv(4096).split(b'\n'):
                pass
            yield process
        finally:
            stop(process)


@contextlib.contextmanager
def effective(uid, gid):
    """Act as another user for a while, as a process that only root can be; it stays the saved one."""
    os.setegid(gid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.setresuid(0, 0, uid)
        os.setegid(0)


def pad(data, alignment):
    return data + bytes(-len(data) % alignment)


def string(text):
    text = text.encode()
    return struct.pack('<I', len(text)) + text + b'\0'


class Reply:
    """A method's return (error is None), or its error."""

    def __init__(self, order, fields, body):
        self.error = fields.get(4)
        self.serial = fields.get(5)
        self.sender = fields.get(7)
        self.signature = fields.get(8, '')
        self.order = order
        self.body = body

    def first(self):
        """The first value, a string or a number."""
        if self.signature[:1] in ('s', 'o'):
            return self.body[4:4 + struct.unpack_from(self.order + 'I', self.body)[0]].decode()
        return struct.unpack_from(self.order + {'u': 'I', 't': 'Q'}[self.signature[:1]], self.body)[0]

    def __str__(self):
        return f'{self.error or "return"} from {self.sender}'


class Client:
    """A connection that says exactly what it is told to."""

    def __init__(self, address):
        self.serial = 0
        self.buffer = b''
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(TIMEOUT_SEC)
        self.socket.connect(address.removeprefix('unix:path='))
        self.socket.sendall(b'\0AUTH EXTERNAL ' + str(os.geteuid()).encode().hex().encode() + b'\r\n')
        self.negotiated(b'OK ')
        self.socket.sendall(b'NEGOTIATE_UNIX_FD\r\n')
        self.negotiated(b'AGREE_UNIX_FD')
        self.socket.sendall(b'BEGIN\r\n')
        self.driver('Hello')

    def close(self):
        self.socket.close()

    def negotiated(self, wanted):
        while b'\r\n' not in self.buffer:
            self.receive()
        line, _, self.buffer = self.buffer.partition(b'\r\n')
        if not line.startswith(wanted):
            raise RuntimeError(f'the bus does not want us: {line}')

    def receive(self):
        data, descriptors, _, _ = socket.recv_fds(self.socket, 65536, 16)
        for descriptor in descriptors:
            os.close(descriptor)
        if not data:
            raise RuntimeError('the bus has closed the connection')
        self.buffer += data

    def driver(self, member, signature='', *arguments):
        name = 'org.freedesktop.DBus'
        return self.call(name, '/org/freedesktop/DBus', name, member, signature, *arguments)

    def call(self, destination, path, interface, member, signature='', *arguments):
        """Call a method with arguments of types s and u; an interface of None is left out."""
        body = b''
        for type_, value in zip(signature, arguments, strict=True):
            body = pad(body, 4) + (string(value) if type_ == 's' else struct.pack('<I', value))

        fields = b''
        texts = (1, b'o', path), (2, b's', interface), (3, b's', member), (6, b's', destination)
        for code, type_, value in texts:
            if value is not None:
                fields = pad(fields, 8) + bytes([code, 1]) + type_ + b'\0' + string(value)
        if signature:
            text = signature.encode()
            fields = pad(fields, 8) + bytes([8, 1]) + b'g\0' + bytes([len(text)]) + text + b'\0'

        self.serial += 1
        head = struct.pack('<cBBBIII', b'l', 1, 0, 1, len(body), self.serial, len(fields))
        self.socket.sendall(pad(head + fields, 8) + body)
        while True:
            reply = self.read()
            if reply.serial == self.serial:
                return reply

    def read(self):
        while len(self.buffer) < 16:
            self.receive()
        order = '<' if self.buffer[:1] == b'l' else '>'
        body_size, _, fields_size = struct.unpack_from(order + 'III', self.buffer, 4)
        head_size = 16 + fields_size + -fields_size % 8
        while len(self.buffer) < head_size + body_size:
            self.receive()

        fields, at = {}, 16
        while at < 16 + fields_size:
            at += -at % 8
            code, type_ = self.buffer[at], self.buffer[at + 2:at + 3]
            at += 4
            if type_ == b'g':
                size, at = self.buffer[at], at + 1
            elif type_ in (b's', b'o'):
                size, at = struct.unpack_from(order + 'I', self.buffer, at)[0], at + 4
            else:
                fields[code], at = struct.unpack_from(order + 'I', self.buffer, at)[0], at + 4
                continue
            fields[code], at = self.buffer[at:at + size].decode(), at + size + 1

        body = self.buffer[head_size:head_size + body_size]
        self.buffer = self.buffer[head_size + body_size:]
        return Reply(order, fields, body)
