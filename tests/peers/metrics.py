#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""`mymem metrics`, read by those whom it is for: promtool, Prometheus's own parsers, a node_exporter, and a
Prometheus that scrapes both formats and evaluates the alerts.

The figures are those of the table in tests/unit/fixtures/v2-machine.tree."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import peer
from tap import Tap

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
FIXTURES = SOURCE / 'tests' / 'unit' / 'fixtures'
ALERTS = SOURCE / 'docs' / 'examples' / 'mymem-alerts.yml'
MIB = 1 << 20

# Different kernels, hierarchies and names; on each of them are units.
MACHINES = ['v2-machine', 'v2-linux-5.10', 'v2-zswap', 'v2-protected', 'v1-captured-6.18', 'v1-swap-limits',
            'v1-hybrid-service', 'v2-kubepods-systemd', 'v2-oom-kills', 'unit-names', 'unit-name-long']

# What lies directly in each slice, in MiB: 200 + 0 + 64 + 4 + 320 in system.slice.
BY_SLICE = {'-.slice': 1000 + 900 + 500, 'build.slice': 690, 'build-jobs.slice': 300, 'system.slice': 588,
            'system-getty.slice': 4, 'user.slice': 400, 'user-1000.slice': 340}

CONFIGURATION = """
global:
  scrape_interval: 1s
  evaluation_interval: 1s
rule_files: ['{alerts}']
scrape_configs:
  - job_name: node
    static_configs: [targets: ['{node}']]
  - job_name: openmetrics
    static_configs: [targets: ['{openmetrics}']]
"""


def run(*command, text=None):
    return subprocess.run([str(word) for word in command], input=text, text=True, timeout=peer.PATIENCE_SEC,
                          check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def problems(result):
    return [result.stdout or f'exit code {result.returncode}'] if result.returncode != 0 else []


def unpack(name, where):
    directory = where / name
    directory.mkdir()
    subprocess.run([os.environ['MYMEM_UNPACK'], FIXTURES / f'{name}.tree', directory], check=True)
    return f'--sysroot={directory}'


def metrics(*arguments):
    result = run(os.environ['MYMEM_COMMAND'], 'metrics', *arguments)
    assert result.returncode == 0 and result.stdout, (arguments, result)
    return result.stdout


def samples(parse, text):
    """All samples of the text, by name and labels, and the types and units of their families."""
    values, types, units = {}, {}, {}
    for family in parse(text):
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in values, key
            values[key] = sample.value
            types[sample.name] = family.type
            units[sample.name] = family.unit
    return values, types, units


def check_text(tap, where):
    for name in MACHINES:
        machine = unpack(name, where)
        text, openmetrics = metrics(machine), metrics(machine, '--format=openmetrics')
        tap.check(f'promtool takes {name}', problems(run(peer.find('promtool'), 'check', 'metrics', text=text)))

        parse_text, parse_openmetrics = peer.parsers()
        try:
            values, types, _ = samples(parse_text, text)
            other_values, other_types, units = samples(parse_openmetrics, openmetrics)
            found = [] if values and values == other_values and types == other_types else ['they differ']
            found += [f'{sample}: {unit}' for sample, unit in units.items()
                      if unit != ('bytes' if '_bytes' in sample else 'seconds' if '_seconds' in sample else '')]
        except (ValueError, AssertionError) as error:
            found = [repr(error)]
        tap.check(f'both formats of {name} say the same to their parsers', found)


def check_escaped(tap, where):
    """The parsers get back the name as it is shown elsewhere, with its control characters as \\xNN."""
    groups = where / 'v2-machine' / 'sys' / 'fs' / 'cgroup'
    group = '/odd "q\\uote\n{}=,d'
    shutil.copytree(groups / 'system.slice' / 'idle.service', groups / group[1:])
    wanted = group.replace('\n', '\\x0a')
    for name, parse, form in zip(('text', 'OpenMetrics'), peer.parsers(), ('prometheus', 'openmetrics')):
        values, _, _ = samples(parse, metrics(f'--sysroot={where}/v2-machine', f'--format={form}', group))
        got = {dict(labels)['control_group'] for _, labels in values}
        tap.check(f'an odd name comes through as {name}', [] if got == {wanted} else [f'{got}, not {wanted}'])


def check_alerts(tap):
    promtool = peer.find('promtool')
    tap.check('promtool takes the alerts', problems(run(promtool, 'check', 'rules', ALERTS)))
    tap.check('each alert is raised when it shall be, and only then',
              problems(run(promtool, 'test', 'rules', SOURCE / 'tests' / 'peers' / 'alerts.test.yml')))


def documented_queries():
    text = (SOURCE / 'docs' / 'FLEET.md').read_text(encoding='utf-8')
    return re.findall(r'^```promql\n(.*?)^```$', text, re.MULTILINE | re.DOTALL)


def compare(what, got, wanted):
    return [] if got == wanted else [f'{what}: got {got}, wanted {wanted}']


def check_prometheus(tap, prometheus):
    in_bytes = {name: float(mib * MIB) for name, mib in BY_SLICE.items()}
    peer.wait_for('scrapes of both',
                  lambda: prometheus.healths() == {'node': 'up', 'openmetrics': 'up'})
    for job in ('node', 'openmetrics'):
        query = f'sum by (slice) (mymem_memory_usage_bytes{{job="{job}"}})'
        tap.check(f'{query}', compare(query, prometheus.query(query, 'slice'), in_bytes))
    query = 'mymem_memory_max_bytes{job="node",unit=~".+\\\\.service"}'
    tap.check('what has no limit has no sample, and 0 is one',
              compare(query, prometheus.query(query, 'unit'),
                      {'web.service': 512.0 * MIB, 'runner.service': 600.0 * MIB, 'idle.service': 0.0}))
    query = 'mymem_memory_pressure_stalled_seconds_total{job="node",unit="web.service"}'
    tap.check('times are seconds', compare(query, prometheus.query(query, 'unit'), {'web.service': 0.065432}))

    # No slice of the table has less than is given away in it, so the last is asked the other way round.
    queries = [query.replace('\n  >', '\n  <') for query in documented_queries()]
    tap.check('the queries of FLEET.md have answers',
              [query for query in queries if not prometheus.ask('query', query=query)['result']] or
              compare('how many there are', len(queries), 4))

    metadata = prometheus.ask('targets/metadata', match_target='{job="openmetrics"}')
    got = {entry['metric']: (entry['type'], entry['unit']) for entry in metadata}
    wanted = {'mymem_memory_usage_bytes': ('gauge', 'bytes'),
              'mymem_memory_pressure_waiting_seconds': ('counter', 'seconds'),
              'mymem_memory_oom_kills': ('counter', '')}
    tap.check('types and units come through OpenMetrics',
              [f'{name}: {got.get(name)}' for name, what in wanted.items() if got.get(name) != what])

    rules = peer.wait_for('the alerts', prometheus.evaluated_rules)
    tap.check('the alerts can be evaluated', [rule['name'] for rule in rules if rule['health'] != 'ok'])
    tap.check('they find the file', compare('MymemMetricsMissing', prometheus.query(
        'up{job="node"} == 1 unless on (instance) node_textfile_mtime_seconds{file=~"(.*/)?mymem\\\\.prom"}',
        'job'), {}))


def main():
    tap = Tap()
    missing = peer.missing()
    if missing:
        tap.skip('all', 'there is no ' + ', '.join(missing))
        tap.done()

    with tempfile.TemporaryDirectory(prefix='mymem-peers-') as directory:
        where = pathlib.Path(directory)
        check_text(tap, where)
        check_alerts(tap)

        # The collector's directory has a link to the file, as FLEET.md has it.
        (where / 'run').mkdir()
        (where / 'textfiles').mkdir()
        (where / 'textfiles' / 'mymem.prom').symlink_to('../run/mymem.prom')
        machine = f'--sysroot={where}/v2-machine'
        run(os.environ['MYMEM_COMMAND'], 'metrics', machine, f'--output={where}/run/mymem.prom')
        collector = ['--collector.disable-defaults', '--collector.textfile',
                     f'--collector.textfile.directory={where}/textfiles']
        with peer.running(where, '/metrics', 'prometheus-node-exporter', *collector) as node, \
                peer.serving(metrics(machine, '--format=openmetrics')) as openmetrics:
            served = peer.get(f'http://{node}/metrics')
            written = (where / 'run' / 'mymem.prom').read_text(encoding='utf-8')
            parse = peer.parsers()[0]
            got = {key: value for key, value in samples(parse, served)[0].items() if 'mymem_' in key[0]}
            tap.check('the node_exporter serves all samples', compare('', got, samples(parse, written)[0]))
            tap.check('and finds nothing wrong', compare('', [line for line in served.splitlines() if
                      line.startswith('node_textfile_scrape_error ')], ['node_textfile_scrape_error 0']))

            (where / 'prometheus.yml').write_text(CONFIGURATION.format(
                alerts=ALERTS, node=node, openmetrics=openmetrics), encoding='utf-8')
            with peer.running(where, '/-/ready', 'prometheus', f'--config.file={where}/prometheus.yml',
                              f'--storage.tsdb.path={where}/data') as address:
                check_prometheus(tap, peer.Prometheus(address))
        check_escaped(tap, where)

    tap.done()


if __name__ == '__main__':
    main()
