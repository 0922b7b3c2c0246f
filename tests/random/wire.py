# SPDX-License-Identifier: LGPL-2.1-or-later
"""D-Bus as bytes: values of any type are written without a library, which might not let one say all."""

import array
import os
import socket
import struct

CALL, RETURN, ERROR = 1, 2, 3
FIXED = {"y": "B", "b": "I", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d", "h": "I"}
ALIGNMENT = {"s": 4, "o": 4, "a": 4, "g": 1, "v": 1, "(": 8, "{": 8}
FIELDS = {1: "o", 2: "s", 3: "s", 4: "s", 5: "u", 6: "s", 7: "s", 8: "g", 9: "u"}
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE, DESCRIPTORS = range(1, 10)


def one(signature):
    """How long the first complete type of a signature is."""
    if signature[0] == "a":
        return 1 + one(signature[1:])
    if signature[0] in "({":
        end, depth = 1, 1
        while depth:
            depth += (signature[end] in "({") - (signature[end] in ")}")
            end += 1
        return end
    return 1


def types(signature):
    while signature:
        length = one(signature)
        yield signature[:length]
        signature = signature[length:]


class Writer:
    def __init__(self):
        self.data = bytearray()

    def pad(self, alignment):
        self.data += b"\0" * (-len(self.data) % alignment)

    def put(self, kind, value):
        """One value; a variant is a pair of its type and its value."""
        first = kind[0]
        if first in FIXED:
            size = struct.calcsize(FIXED[first])
            self.pad(size)
            self.data += struct.pack("<" + FIXED[first], value)
        elif first == "g":
            self.data += struct.pack("<B", len(value)) + value.encode() + b"\0"
        elif first in "so":
            text = value.encode()
            self.put("u", len(text))
            self.data += text + b"\0"
        elif first == "v":
            self.put("g", value[0])
            self.put(value[0], value[1])
        elif first == "a":
            self.put_array(kind[1:], value)
        else:
            self.pad(8)
            for member, part in zip(types(kind[1:-1]), value):
                self.put(member, part)

    def put_array(self, kind, values):
        self.put("u", 0)
        at = len(self.data) - 4
        first = kind[0]
        self.pad(ALIGNMENT.get(first) or struct.calcsize(FIXED[first]))
        begin = len(self.data)
        for value in values:
            self.put(kind, value)
        struct.pack_into("<I", self.data, at, len(self.data) - begin)


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def pad(self, alignment):
        self.at += -self.at % alignment

    def get(self, kind):
        first = kind[0]
        if first in FIXED:
            size = struct.calcsize(FIXED[first])
            self.pad(size)
            self.at += size
            return struct.unpack_from("<" + FIXED[first], self.data, self.at - size)[0]
        if first in "sog":
            length = self.get("y" if first == "g" else "u")
            self.at += length + 1
            return self.data[self.at - length - 1 : self.at - 1].decode()
        if first == "v":
            return self.get(self.get("g"))
        if first == "a":
            end = self.get("u")
            kind = kind[1:]
            self.pad(ALIGNMENT.get(kind[0]) or struct.calcsize(FIXED[kind[0]]))
            end += self.at
            values = []
            while self.at < end:
                values.append(self.get(kind))
            return values
        self.pad(8)
        return tuple(self.get(member) for member in types(kind[1:-1]))


class Reply:
    def __init__(self, header, fields, body):
        self.kind = header[1]
        self.error = fields.get(ERROR_NAME)
        self.serial = fields.get(REPLY_SERIAL)
        reader = Reader(body)
        self.values = [reader.get(kind) for kind in types(fields.get(SIGNATURE, ""))]


class Connection:
    """To a bus, or to the service itself."""

    def __init__(self, path, is_bus, patience=60):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(patience)
        self.socket.connect(path)
        self.serial = 0
        self.destination = "org.mymem1" if is_bus else None
        uid = str(os.getuid()).encode().hex().encode()
        self.socket.sendall(b"\0AUTH EXTERNAL " + uid + b"\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n")
        for _ in range(2):
            while self.receive(1) != b"\n":
                continue
        if is_bus:
            bus = "org.freedesktop.DBus"
            self.call("/org/freedesktop/DBus", bus, "Hello", destination=bus)

    def receive(self, size):
        data = b""
        while len(data) < size:
            more, descriptors, _, _ = socket.recv_fds(self.socket, size - len(data), 64)
            for descriptor in descriptors:
                os.close(descriptor)
            if not more:
                raise ConnectionResetError
            data += more
        return data

    def send(self, path, interface, member, signature="", values=(), descriptors=(), destination=None):
        """Sends a call; returns its number."""
        self.serial += 1
        fields, body = Writer(), Writer()
        for kind, value in zip(types(signature), values):
            body.put(kind, value)
        header = {PATH: path, INTERFACE: interface, MEMBER: member, SIGNATURE: signature}
        header[DESTINATION] = destination or self.destination
        header[DESCRIPTORS] = len(descriptors)
        known = [(code, (FIELDS[code], value)) for code, value in header.items() if value]
        fields.data += struct.pack("<4BII", ord("l"), CALL, 0, 1, len(body.data), self.serial)
        fields.put("a(yv)", known)
        fields.pad(8)
        data = bytes(fields.data + body.data)
        rights = array.array("i", descriptors)
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)] if descriptors else []
        sent = self.socket.sendmsg([data], ancillary)
        self.socket.sendall(data[sent:])
        return self.serial

    def read(self):
        """The next message."""
        header = self.receive(16)
        body_size, _, fields_size = struct.unpack_from("<III", header, 4)
        padded = fields_size + -fields_size % 8
        fields = Reader(header + self.receive(padded))
        fields.at = 12
        found = dict(fields.get("a(yv)"))
        return Reply(header, found, self.receive(body_size))

    def call(self, *arguments, **others):
        """Calls, and waits for the reply."""
        serial = self.send(*arguments, **others)
        while True:
            reply = self.read()
            if reply.serial == serial:
                return reply
