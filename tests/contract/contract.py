#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The XML in dbus/ against the running service, on every kind of object; and the XML against itself.

$MYMEM_SERVICE is the service's program."""

import contextlib
import json
import pathlib
import re
import subprocess
import xml.etree.ElementTree as ElementTree

import bus
import group
import introspection
from tap import Tap

HERE = pathlib.Path(__file__).resolve().parent
DBUS = HERE.parent.parent / 'dbus'
MANAGER = 'org.mymem1.Manager'
UNIT = 'org.mymem1.Unit'
STANDARD = {'org.freedesktop.DBus.' + name for name in ('Introspectable', 'Peer', 'Properties')}


def read(name):
    return (DBUS / name).read_text(encoding='utf-8')


def names():
    return dict(re.findall(r'^#define MYMEM_(\w+) "([^"]*)"', read('names.h'), re.MULTILINE))


def interface_of(root):
    return [child for child in introspection.elements(root) if child.tag == 'interface'][0]


def members_of(interface):
    return [child for child in introspection.elements(interface) if child.tag != 'annotation']


def busctl(address, *arguments):
    result = subprocess.run(['busctl', f'--address={address}', '--json=short', *arguments], text=True,
                            capture_output=True, timeout=bus.TIMEOUT_SEC, check=False)
    if result.returncode != 0:
        raise RuntimeError(f'busctl {" ".join(arguments)}: {result.stderr.strip()}')
    return json.loads(result.stdout) if result.stdout else None


def introspect(address, path):
    reply = busctl(address, 'call', 'org.mymem1', path, 'org.freedesktop.DBus.Introspectable', 'Introspect')
    return introspection.parse(reply['data'][0])


def validity(name):
    command = ['xmllint', '--noout', '--nonet', '--dtdvalid', HERE / 'introspection.dtd', DBUS / name]
    result = subprocess.run(command, text=True, capture_output=True, timeout=bus.TIMEOUT_SEC, check=False)
    if result.returncode != 0:
        yield result.stderr


def gaps_in_documentation(root):
    """What a reader of the contract would miss."""
    interface = interface_of(root)
    errors = {name.rpartition('.')[2] for key, name in names().items() if key.startswith('ERROR_')}

    if introspection.documentation(root, interface) is None:
        yield f'{interface.get("name")} has no comment in front of it'
    for member in members_of(interface):
        name = member.get('name')
        text = introspection.documentation(interface, member)
        if text is None:
            yield f'{name} has no comment in front of it'
            continue
        if text.name != name:
            yield f'the comment in front of {name} begins with {text.name!r}'
        if not text.prose:
            yield f'the comment in front of {name} does not say what it is'

        arguments = [child for child in introspection.elements(member) if child.tag == 'arg']
        if list(text.arguments) != [argument.get('name') for argument in arguments]:
            yield f'{name} describes the arguments {list(text.arguments)}'
        figures = [(argument.get('type'), text.arguments.get(argument.get('name'), ''))
                   for argument in arguments]
        if member.tag == 'property':
            figures.append((member.get('type'), text.prose))
        for type_, said in figures:
            if not said.strip():
                yield f'{name} has an argument without a description'
            if 't' in type_ and not re.search(r'\bbytes\b|\bcount\b|µs', said, re.IGNORECASE):
                yield f'{name} has a figure without a unit: {said}'
            if 't' in type_ and 'UINT64_MAX' not in said:
                yield f'{name} does not say what UINT64_MAX means: {said}'

        if member.tag == 'method':
            said = re.split(r'[,;]\s*', text.errors.partition('org.freedesktop')[0].strip(' ;\n'))
            if not set(said) <= errors or not set(said):
                yield f'{name} can fail with {sorted(set(said) - errors)}, which names.h does not have'


def contradictions_of_names(documents):
    """Names that are not the same in the header, the XML, the policy and the activation file."""
    known = names()

    def same(what, got, wanted):
        if got != wanted:
            yield f'{what}: {got}, but names.h has {wanted}'

    for name, key in ('org.mymem1.Manager.xml', 'MANAGER'), ('org.mymem1.Unit.xml', 'UNIT'):
        interface = interface_of(documents[name]).get('name')
        yield from same(f'interface in {name}', interface, known[f'{key}_INTERFACE'])
        yield from same('file of this interface', name, f'{interface}.xml')
    yield from same('object of org.mymem1.Manager.xml', documents['org.mymem1.Manager.xml'].get('name'),
                    known['MANAGER_PATH'])
    yield from same('object of org.mymem1.Unit.xml', documents['org.mymem1.Unit.xml'].get('name'),
                    known['SELF_PATH'])

    errors = {name for key, name in known.items() if key.startswith('ERROR_')}
    yield from same('errors explained in org.mymem1.Manager.xml',
                    set(re.findall(r'org\.mymem1\.Error\.\w+', read('org.mymem1.Manager.xml'))), errors)
    texts = [introspection.documentation(interface_of(root), member)
             for root in documents.values() for member in members_of(interface_of(root))]
    said = ' '.join(text.errors for text in texts if text is not None)
    used = {name for name in errors if re.search(rf'\b{name.rpartition(".")[2]}\b', said)}
    yield from same('errors that members give', used, errors)

    interfaces_known = STANDARD | {known['MANAGER_INTERFACE'], known['UNIT_INTERFACE']}
    facts_known = [fact for root in documents.values() for fact in introspection.facts(root)]
    for name in 'org.mymem1.conf', 'examples/org.mymem1-own-only.conf':
        for rule in ElementTree.fromstring(read(name)).iter():
            for attribute in 'own', 'send_destination', 'receive_sender':
                if attribute in rule.attrib:
                    yield from same(f'{attribute} in {name}', rule.get(attribute), known['BUS_NAME'])
            interface, member = rule.get('send_interface', ''), rule.get('send_member')
            if interface and interface not in interfaces_known:
                yield f'{name} allows {interface}, which is no interface here'
            if member and (interface, 'method', member) not in facts_known:
                yield f'{name} allows {interface}.{member}, which is no method'
            if rule.get('send_path', '/') not in ('/', '/org', known['MANAGER_PATH'], known['SELF_PATH']):
                yield f'{name} allows {rule.get("send_path")}'

    activated = re.findall(r'^Name=(.*)$', read('org.mymem1.service'), re.MULTILINE)
    yield from same('Name= in org.mymem1.service', activated, [known['BUS_NAME']])


def insensitive(contract, live):
    """Points in which one side can change without the comparison becoming red."""
    for document, other in (contract, live), (live, contract):
        some = False
        for what, mutant in introspection.mutants(document):
            some = True
            if not introspection.difference(mutant, other):
                yield f'{what}: no difference is seen'
        if not some:
            yield 'there is nothing to change'


def interfaces(root):
    return {child.get('name') for child in introspection.elements(root) if child.tag == 'interface'}


def children(root):
    return sorted(child.get('name') for child in introspection.elements(root) if child.tag == 'node')


def wrong_interfaces(live, wanted):
    # No ObjectManager: it would read every control group for one call.
    if interfaces(live) != STANDARD | wanted:
        yield f'interfaces {sorted(interfaces(live))}'


def wrong_properties(address, path, interface):
    """GetAll, which must answer with every property of the contract and its type."""
    wanted = {child.get('name'): child.get('type') for child in interface if child.tag == 'property'}
    reply = busctl(address, 'call', 'org.mymem1', path, 'org.freedesktop.DBus.Properties', 'GetAll', 's',
                   interface.get('name'))
    got = {name: value['type'] for name, value in reply['data'][0].items()}
    if got != wanted:
        yield f'GetAll gives {sorted(got.items())}, the XML has {sorted(wanted.items())}'


def wrong_replies(address, path, interface):
    """Every method that takes nothing, which must reply with the types of the contract."""
    for method in interface:
        if method.tag != 'method':
            continue
        arguments = introspection.elements(method)
        if any(argument.get('direction') == 'in' for argument in arguments):
            continue
        reply = busctl(address, 'call', 'org.mymem1', path, interface.get('name'), method.get('name'))
        wanted = ''.join(argument.get('type') for argument in arguments)
        if reply['type'] != wanted:
            yield f'{method.get("name")} replies {reply["type"]}, the XML has {wanted}'


def wrong_object(address, control_group, path):
    """The test's own idea of where a control group's object is, against the service's: it is that group's,
    also where the group is no unit but lies in one."""
    reply = busctl(address, 'call', 'org.mymem1', '/org/mymem1', MANAGER, 'GetUnitByControlGroup', 's',
                   control_group)
    wanted = [[name for name in control_group.split('/') if name.endswith('.service')][-1], path]
    if reply['data'] != wanted:
        yield f'GetUnitByControlGroup gives {reply["data"]}, not {wanted}'
    reply = busctl(address, 'get-property', 'org.mymem1', path, UNIT, 'ControlGroup')
    if reply['data'] != control_group:
        yield f'the object at {path} is {reply["data"]}, not {control_group}'


def main():
    tap = Tap()
    documents = {name: introspection.parse(read(name))
                 for name in ('org.mymem1.Manager.xml', 'org.mymem1.Unit.xml')}

    for name, root in documents.items():
        tap.check(f'{name} is valid', list(validity(name)))
        tap.check(f'{name} documents every member', list(gaps_in_documentation(root)))
    tap.check('the names are the same everywhere', list(contradictions_of_names(documents)))

    with contextlib.ExitStack() as stack:
        where = stack.enter_context(bus.directory())
        address = stack.enter_context(bus.bus(where, bus.OPEN_POLICY))
        objects = {
            '/org/mymem1': 'org.mymem1.Manager.xml',
            '/org/mymem1/unit': 'org.mymem1.Unit.xml',
            '/org/mymem1/self': 'org.mymem1.Unit.xml',
        }
        try:
            control_groups = stack.enter_context(group.deep_groups())
        except OSError as error:
            control_groups = []
            tap.skip('objects deep in the tree', f'no control group can be made here: {error}')
        for control_group in control_groups:
            objects[group.object_path(control_group)] = 'org.mymem1.Unit.xml'
        stack.enter_context(bus.service(where, address))

        for path, name in objects.items():
            contract, live = documents[name], introspect(address, path)
            interface = interface_of(contract)
            tap.check(f'{path} is what {name} says', introspection.difference(contract, live))
            tap.check(f'{path} sees each change of {name}', list(insensitive(contract, live)))
            tap.check(f'{path} has no other interfaces',
                      list(wrong_interfaces(live, {interface.get('name')})))
            tap.check(f'{path} has all properties', list(wrong_properties(address, path, interface)))
            tap.check(f'{path} replies with the types', list(wrong_replies(address, path, interface)))
        for control_group in control_groups:
            path = group.object_path(control_group)
            tap.check(f'{path} is {control_group}', list(wrong_object(address, control_group, path)))

        for path, wanted in ('/', ['org']), ('/org', ['mymem1']), ('/org/mymem1', ['self', 'unit']), \
                            ('/org/mymem1/self', []):
            got = children(introspect(address, path))
            tap.check(f'below {path} is {wanted}', [] if got == wanted else [f'there is {got}'])

    tap.done()


if __name__ == '__main__':
    main()
