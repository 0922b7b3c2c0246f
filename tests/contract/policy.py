#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The bus policy and the drop-in that narrows it, proved with real users on a real bus; and that the
service's socket is narrow with and without.

The argument is the broker, dbus-daemon or dbus-broker. $MYMEM_SERVICE is the service's program."""

import contextlib
import os
import pathlib
import pwd
import sys

import bus
import introspection
import launcher
from tap import Tap

DBUS = pathlib.Path(__file__).resolve().parent.parent.parent / 'dbus'
POLICY = DBUS / 'org.mymem1.conf'
OWN_ONLY = DBUS / 'examples' / 'org.mymem1-own-only.conf'

ROOT = (0, 0)
NOBODY = (65534, 65534)

NAME = 'org.mymem1'
MANAGER = 'org.mymem1.Manager'
UNIT = 'org.mymem1.Unit'
PROPERTIES = 'org.freedesktop.DBus.Properties'
INTROSPECTABLE = 'org.freedesktop.DBus.Introspectable'
PEER = 'org.freedesktop.DBus.Peer'
DENIED = 'org.freedesktop.DBus.Error.AccessDenied'
NOT_SUPPORTED = 'org.mymem1.Error.NotSupported'

# Of the caller's own unit, and what finds it: open to all, whatever the policy.
OWN = [
    ('/org/mymem1', MANAGER, 'GetMemory'),
    ('/org/mymem1', MANAGER, 'GetAvailable'),
    ('/org/mymem1', MANAGER, 'GetUnit'),
    ('/org/mymem1/self', PROPERTIES, 'Get', 'ss', UNIT, 'Limit'),
    ('/org/mymem1/self', PROPERTIES, 'GetAll', 's', UNIT),
    ('/org/mymem1/self', UNIT, 'GetChain'),
    ('/org/mymem1/self', UNIT, 'GetStatistics'),
    ('/org/mymem1/self', INTROSPECTABLE, 'Introspect'),
    ('/org/mymem1', INTROSPECTABLE, 'Introspect'),
    ('/org', INTROSPECTABLE, 'Introspect'),
    ('/', INTROSPECTABLE, 'Introspect'),
    ('/org/mymem1', PEER, 'Ping'),
]

# The same, but where the caller's figures are the machine's, there are no files of them.
OWN_FILES = ('/org/mymem1', MANAGER, 'OpenMemory')

# Of others: what the drop-in closes.
OTHERS = [
    ('/org/mymem1', MANAGER, 'GetMemoryByPID', 'u', os.getpid()),
    ('/org/mymem1', MANAGER, 'GetUnitByPID', 'u', os.getpid()),
    ('/org/mymem1', MANAGER, 'GetUnitByControlGroup', 's', '/'),
    ('/org/mymem1', MANAGER, 'ListUnits'),
    ('/org/mymem1', PROPERTIES, 'Get', 'ss', MANAGER, 'Version'),
    ('/org/mymem1/unit', PROPERTIES, 'Get', 'ss', UNIT, 'Limit'),
    ('/org/mymem1/unit', PROPERTIES, 'GetAll', 's', UNIT),
    ('/org/mymem1/unit', UNIT, 'GetChain'),
    ('/org/mymem1/unit', UNIT, 'GetStatistics'),
    ('/org/mymem1/unit', INTROSPECTABLE, 'Introspect'),
]

# The same, in forms that the service refuses; only whether they come that far matters.
REFUSED = [
    ('/org/mymem1', MANAGER, 'GetMemoryByPIDFD'),
    ('/org/mymem1', MANAGER, 'GetUnitByPIDFD'),
    ('/org/mymem1', MANAGER, 'GetMemoryByUnit', 's', 'mymem-no-such.service'),
    ('/org/mymem1', MANAGER, 'GetUnitByName', 's', 'mymem-no-such.service'),
    ('/org/mymem1/unit/mymem_2dno_2dsuch_2eservice', PROPERTIES, 'Get', 'ss', UNIT, 'Limit'),
    ('/org/mymem1/unit/mymem_2dno_2dsuch_2eservice', INTROSPECTABLE, 'Introspect'),
    # A rule with an interface does not match a call without one.
    ('/org/mymem1', None, 'GetMemory'),
    ('/org/mymem1', None, 'ListUnits'),
]


def missing():
    """Methods of the contract that no list above has: the next one to be added must not stay open unseen."""
    calls = {(call[1], call[2]) for call in [*OWN, OWN_FILES, *OTHERS, *REFUSED]}
    for interface in MANAGER, UNIT:
        root = introspection.parse((DBUS / f'{interface}.xml').read_text(encoding='utf-8'))
        for fact in introspection.facts(root):
            if len(fact) == 3 and fact[1] == 'method' and (interface, fact[2]) not in calls:
                yield f'{interface}.{fact[2]} is not tried'


def denied(client, call, destination=NAME):
    reply = client.call(destination, *call)
    if reply.error != DENIED or reply.sender != 'org.freedesktop.DBus':
        yield f'{call}: {reply}'


def answered(client, call):
    reply = client.call(NAME, *call)
    if reply.error is not None:
        yield f'{call}: {reply}'


def reached(client, call, owner):
    """The service itself replies, if only with an error."""
    reply = client.call(NAME, *call)
    if reply.sender != owner or reply.error == DENIED:
        yield f'{call}: {reply}'


def refused(client, call):
    """Nobody gets it at the socket, whoever asks."""
    reply = client.call(None, *call)
    if reply.error != DENIED:
        yield f'{call}: {reply}'


def told(client, call):
    """It is given at the socket, or is what the service itself says no to."""
    reply = client.call(None, *call)
    if reply.error not in (None, NOT_SUPPORTED):
        yield f'{call}: {reply}'


def each(check, client, calls, *more):
    return [problem for call in calls for problem in check(client, call, *more)]


@contextlib.contextmanager
def client(address, user):
    with bus.effective(*user):
        connection = bus.Client(address)
    try:
        yield connection
    finally:
        connection.close()


def may_own(address, user):
    with client(address, user) as connection:
        reply = connection.driver('RequestName', 'su', NAME, 0)
    if reply.error not in (None, DENIED):
        raise RuntimeError(f'RequestName: {reply}')
    return reply.error is None


def check_shipped(tap, start_bus):
    """The policy as it is, also where the user does not exist yet: the broker takes it, and nobody may own
    the name."""
    with bus.directory() as where, start_bus(where, bus.SYSTEM_POLICY, [POLICY, OWN_ONLY]) as address:
        connection = bus.Client(address)
        reply = connection.driver('GetId')
        connection.close()
        tap.check('the broker takes both files', [] if reply.error is None else [str(reply)])
        tap.check('the name is not for whoever comes first',
                  ['it can be owned'] if may_own(address, (os.geteuid(), os.getegid())) else [])


def check_socket(tap, what, path):
    """The socket, which knows nothing of policies."""
    for who, user in ('root', ROOT), ('nobody', NOBODY):
        with client(f'unix:path={path}', user) as connection:
            tap.check(f'{what} {who} is told of its own at the socket',
                      each(told, connection, [*OWN, OWN_FILES]))
            of_others = OTHERS + [call for call in REFUSED if call[2] != 'GetMemory']
            tap.check(f'{what} {who} is told of nobody else at the socket',
                      each(refused, connection, of_others))


def main():
    tap = Tap()
    start_bus = launcher.launched if sys.argv[1] == 'dbus-broker' else bus.bus
    tap.check('every method is tried', list(missing()))

    if os.geteuid() != 0:
        tap.skip('the policy, with real users', 'needs root')
        tap.done()

    why_not = launcher.missing() if sys.argv[1] == 'dbus-broker' else None
    if why_not:
        tap.skip('the policy, with real users', why_not)
        tap.done()

    os.setgroups([])
    check_shipped(tap, start_bus)

    # The user mymem may not exist here; the policy speaks of any user in the same way.
    account = pwd.getpwnam('daemon')
    service_user = (account.pw_uid, account.pw_gid)

    for what, closed in ('with the policy alone', False), ('with the drop-in', True):
        with contextlib.ExitStack() as stack:
            where = stack.enter_context(bus.directory())
            policy = pathlib.Path(where) / POLICY.name
            text = POLICY.read_text(encoding='utf-8')
            assert text.count('user="mymem"') == 1
            policy.write_text(text.replace('user="mymem"', f'user="{account.pw_name}"'), encoding='utf-8')
            address = stack.enter_context(start_bus(where, bus.SYSTEM_POLICY,
                                                   [policy, OWN_ONLY] if closed else [policy]))

            for who, user, wanted in ('root', ROOT, False), ('nobody', NOBODY, False), \
                                     ("the service's user", service_user, True):
                tap.check(f'{what} {who} {"may" if wanted else "may not"} own the name',
                          [] if may_own(address, user) == wanted else ['it is the other way round'])

            path = pathlib.Path(where) / 'of-the-service' / 'socket'
            path.parent.mkdir()
            os.chown(path.parent, *service_user)
            stack.enter_context(bus.service(where, address, *service_user, [f'--listen={path}']))
            root = stack.enter_context(client(address, ROOT))
            nobody = stack.enter_context(client(address, NOBODY))
            owner = root.driver('GetNameOwner', 's', NAME).first()

            tap.check(f'{what} root may everything',
                      each(answered, root, OWN + OTHERS) +
                      each(reached, root, [OWN_FILES, *REFUSED], owner))
            tap.check(f'{what} nobody may everything of its own',
                      each(answered, nobody, OWN) + each(reached, nobody, [OWN_FILES], owner))
            if closed:
                tap.check(f'{what} nobody may nothing of others', each(denied, nobody, OTHERS + REFUSED))
                tap.check(f"{what} a call to the service's connection does not come through",
                          list(denied(nobody, ('/org/mymem1', MANAGER, 'ListUnits'), owner)))
            else:
                tap.check(f'{what} nobody may everything of others',
                          each(answered, nobody, OTHERS) + each(reached, nobody, REFUSED, owner))
            check_socket(tap, what, path)

    tap.done()


if __name__ == '__main__':
    main()
