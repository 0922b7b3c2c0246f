# SPDX-License-Identifier: LGPL-2.1-or-later

"""Introspection data as plain facts that can be compared, and their documentation."""

import collections
import copy
import re
import xml.etree.ElementTree as ElementTree

STANDARD = 'org.freedesktop.DBus.'


def parse(text):
    """The root element of an introspection document; its comments stay in it."""
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    # A comment outside the root is nobody's documentation, and the parser cannot place it.
    return ElementTree.fromstring(text[text.index('<node'):], parser)


def elements(parent):
    return [child for child in parent if isinstance(child.tag, str)]


def facts(root):
    """What a document says, as sorted tuples; the standard interfaces, which are not ours, left out.

    Two documents promise the same if and only if these are equal. An argument's place counts, a member's
    does not.
    """
    found = []

    def annotations(where, element):
        for child in elements(element):
            if child.tag == 'annotation':
                found.append((*where, 'annotation', child.get('name'), child.get('value')))

    for interface in elements(root):
        if interface.tag != 'interface' or interface.get('name').startswith(STANDARD):
            continue
        where = (interface.get('name'),)
        found.append(where)
        annotations(where, interface)
        for member in elements(interface):
            if member.tag == 'annotation':
                continue
            where = (interface.get('name'), member.tag, member.get('name'))
            if member.tag == 'property':
                where += (member.get('type'), member.get('access'))
            found.append(where)
            annotations(where, member)
            arguments = [child for child in elements(member) if child.tag == 'arg']
            for place, argument in enumerate(arguments):
                direction = argument.get('direction', 'in' if member.tag == 'method' else 'out')
                found.append((*where, place, argument.get('name'), argument.get('type'), direction))
                annotations((*where, place), argument)

    return sorted(found, key=repr)


def difference(contract, live):
    """The facts that only one of both documents has, as sentences."""
    contract, live = collections.Counter(facts(contract)), collections.Counter(facts(live))
    return ([f'only in the XML: {fact}' for fact in (contract - live).elements()] +
            [f'only in the service: {fact}' for fact in (live - contract).elements()])


def mutants(root):
    """Every document that differs from this one in a single point, each with the point's description: one
    element of our interfaces taken out, or one attribute changed."""
    def ours(tree):
        interfaces = [child for child in elements(tree)
                      if child.tag == 'interface' and not child.get('name').startswith(STANDARD)]
        return ([(tree, interface) for interface in interfaces] +
                [(parent, child) for interface in interfaces for parent in interface.iter()
                 for child in elements(parent)])

    for i, (parent, element) in enumerate(ours(root)):
        point = f'{element.tag} {element.get("name")} of {parent.get("name")}'

        mutant = copy.deepcopy(root)
        parent, element = ours(mutant)[i]
        parent.remove(element)
        yield f'without {point}', mutant

        for attribute in element.attrib:
            mutant = copy.deepcopy(root)
            ours(mutant)[i][1].attrib[attribute] += 'x'
            yield f'other {attribute} of {point}', mutant


Documentation = collections.namedtuple('Documentation', 'name arguments prose errors')


def documentation(interface, element):
    """What the comment right in front of an element says, or None where there is none."""
    siblings = list(interface)
    place = siblings.index(element)
    comment = siblings[place - 1] if place > 0 else None
    if comment is None or comment.tag is not ElementTree.Comment:
        return None

    name, _, rest = comment.text.strip().partition(':')
    rest, _, errors = rest.partition('Errors:')
    head, _, prose = rest.strip().partition('\n\n') if rest.strip().startswith('@') else ('', '', rest)
    arguments = dict(re.findall(r'^\s*@(\w+):\s*((?:(?!^\s*@\w+:).)*)', head, re.MULTILINE | re.DOTALL))
    return Documentation(name, arguments, prose.strip(), errors.strip())
