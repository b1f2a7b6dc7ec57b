"""What docker-compose.yml runs, run without Docker: the same commands, environment and health checks.

There is no Docker engine where these tests run. The Compose file and the Dockerfile are read, the files that
would go into the image are laid out, and the processes are started as the containers would start them;
`Machine.places` is all that differs.
"""

import contextlib
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
import venv
from collections.abc import Callable, Iterator
from functools import partial
from importlib import metadata, resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from jsonschema.validators import validator_for
from packaging.requirements import Requirement

from commune.embedded import ROOT, Home, Lease
from tests.commune.test_run import free_port

COMPOSE, SECRETS = ROOT / "docker-compose.yml", ROOT / "docker" / "secrets.yml"
APP = ["web", "live", "worker", "beat", "migrate"]
VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)(?:(:?[-?])([^}]*))?\})")


# --- Reading the files as Docker would


def loaded(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text())


def interpolated(node: Any, variables: dict[str, str]) -> Any:
    """`node` with Compose's ${NAME}, ${NAME:-default}, ${NAME:?message} and $$ resolved."""

    def value(found: re.Match[str]) -> str:
        dollar, name, how, rest = found.groups()
        if dollar:
            return "$"
        given = variables.get(name)
        if given or (given is not None and how in {"-", "?"}):
            return given
        if how in {"?", ":?"}:
            raise KeyError(rest)
        return rest or ""

    if isinstance(node, dict):
        return {key: interpolated(item, variables) for key, item in node.items()}
    if isinstance(node, list):
        return [interpolated(item, variables) for item in node]
    return VARIABLE.sub(value, node) if isinstance(node, str) else node


def merged(below: Any, above: Any) -> Any:
    """`above` laid over `below`, as Compose does with a second file."""
    if isinstance(below, dict) and isinstance(above, dict):
        return {key: merged(below.get(key), above.get(key, below.get(key))) for key in below | above}
    return above


def env_file(path: Path) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if line and line[0] != "#")
    return {name: value.strip('"') for name, value in pairs}


def dockerfile() -> dict[str, list[tuple[str, str]]]:
    """The stages of the Dockerfile by name, each a list of (instruction, arguments)."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    stages: dict[str, list[tuple[str, str]]] = {}
    for line in filter(str.strip, text.splitlines()):
        instruction, arguments = line.split(maxsplit=1)
        if instruction == "FROM":
            stage = stages.setdefault(arguments.split()[-1], [])
        stage.append((instruction, " ".join(arguments.split())))
    return stages


def last(stage: str, instruction: str) -> str:
    return [arguments for name, arguments in dockerfile()[stage] if name == instruction][-1]


def lay_out_the_build_context(target: Path) -> None:
    """Copy what .dockerignore lets into the image, and nothing else."""
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert rules[0] == "*", "what is not named must stay out"
    out = shutil.ignore_patterns(*[rule.removeprefix("**/") for rule in rules[1:] if rule[0] != "!"])
    target.mkdir()
    for name in [rule[1:] for rule in rules if rule[0] == "!"]:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=out)
        else:
            shutil.copy2(ROOT / name, target / name)


def needed(requirement: Requirement) -> Iterator[metadata.Distribution]:
    """The installed distribution that meets a requirement, and all that it needs in turn."""
    distribution = metadata.distribution(requirement.name)
    yield distribution
    for inner in map(Requirement, distribution.requires or []):
        extras = {"", *requirement.extras}
        if inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in extras):
            yield from needed(inner)


def install_what_production_needs(target: Path) -> None:
    """Make a Python that has what requirements.txt names and what that needs: no test's packages, no luck."""
    venv.create(target, symlinks=True)
    (packages,) = target.glob("lib/python*/site-packages")
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    for requirement in [Requirement(line) for line in lines if line and line[0] != "#"]:
        for distribution in needed(requirement):
            for top in {file.parts[0] for file in distribution.files or []} - {"..", "__pycache__"}:
                if not (packages / top).exists():
                    (packages / top).symlink_to(distribution.locate_file(top))
            for script in distribution.entry_points.select(group="console_scripts"):
                start = (
                    f"import sys\nfrom {script.module} import {script.attr.split('.')[0]}\nsys.exit({script.attr}())\n"
                )
                (target / "bin" / script.name).write_text(f"#!{target}/bin/python\n{start}")
                (target / "bin" / script.name).chmod(0o755)


class Machine:
    """One machine with the images built, on which containers are processes."""

    def __init__(self, folder: Path, postgres: str, redis: str) -> None:
        self.folder = folder
        self.variables = env_file(ROOT / ".env.example")
        # What .env.example leaves empty are the secrets, and nothing else.
        empty = {name for name, value in self.variables.items() if not value}
        assert empty == {"SECRET_KEY", "POSTGRES_PASSWORD", "EMAIL_HOST_PASSWORD"}
        self.variables |= {name: secrets.token_hex(32) for name in empty}
        self.services = {"DATABASE_URL": postgres, "REDIS_URL": redis}
        self.port, self.live_port = free_port(), free_port()
        self.places = {"/app": folder / "app", "/srv": folder / "srv", "/run/secrets": folder / "secrets"}
        lay_out_the_build_context(self.places["/app"])
        install_what_production_needs(folder / "python")
        self.started: dict[str, subprocess.Popen[bytes]] = {}

    def here(self, text: str, name: str) -> str:
        """A container's text with its places replaced by those of this machine."""
        places = self.places | {"/data": self.folder / f"data-{name}"}
        pattern = rf"(?<![\w.:/])({'|'.join(map(re.escape, places))})(?=[/:\s]|$)"
        return re.sub(pattern, lambda found: str(places[found[0]]), text)

    def service(self, name: str, *files: Path) -> dict[str, Any]:
        whole: Any = {}
        for path in files or (COMPOSE,):
            whole = merged(whole, interpolated(loaded(path), self.variables))
        found: dict[str, Any] = whole["services"][name]
        return found

    def environment(self, name: str, *files: Path) -> dict[str, str]:
        """What the container `name` would find in its environment, and no more than that."""
        image = dict(re.findall(r"(\w+)=(\S+)", last("app", "ENV")))
        said = self.service(name, *files)["environment"]
        given = {key: self.variables.get(key) if value is None else value for key, value in said.items()}
        for variable, host in (("DATABASE_URL", "postgres"), ("REDIS_URL", "redis")):
            assert urlsplit(given[variable]).hostname == host
        base = {"PATH": self._path(), "HOSTNAME": socket.gethostname()}
        everything = base | image | {key: str(value) for key, value in given.items() if value is not None}
        everything = {key: value if key == "PATH" else self.here(value, name) for key, value in everything.items()}
        return everything | self.services | {"PORT": str(self.live_port if name == "live" else self.port)}

    def build(self) -> None:
        """Run what the Dockerfile runs in /app, with no services and no settings but its own."""
        (command,) = [
            arguments for name, arguments in dockerfile()["app"] if name == "RUN" and "manage.py" in arguments
        ]
        image = dict(re.findall(r"(\w+)=(\S+)", last("app", "ENV")))
        environment = {key: self.here(value, "build") for key, value in image.items()}
        self._run(["sh", "-c", self.here(command, "build")], environment | {"PATH": self._path()})
        assert not (self.folder / "data-build").exists(), "the build left something in /data"

    def run(self, name: str, *files: Path) -> str:
        """Run a service that ends, to its end; what it said."""
        return self._run(self._command(name), self.environment(name, *files))

    def start(self, name: str) -> None:
        data = self.folder / f"data-{name}"
        data.mkdir()
        with (self.folder / f"{name}.log").open("wb") as log:
            self.started[name] = subprocess.Popen(
                self._command(name),
                cwd=self.places["/app"],
                env=self.environment(name),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

    def health(self, name: str) -> tuple[int, str]:
        """The exit code of the service's health check, and what it said."""
        kind, *command = self.service(name)["healthcheck"]["test"]
        assert kind == "CMD"
        done = subprocess.run(
            [self.here(word, name) for word in command],
            cwd=self.places["/app"],
            env=self.environment(name),
            capture_output=True,
            text=True,
            timeout=30,
        )
        return done.returncode, done.stdout + done.stderr

    def is_well(self, name: str) -> bool:
        assert self.started[name].poll() is None, self.log(name)
        return self.health(name)[0] == 0

    def get(self, path: str) -> tuple[int, str]:
        """What web answers to the proxy."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        host = urlsplit(self.variables["SITE_URL"]).netloc
        connection.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": "https"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def address_seen(self, *, peer: str, forwarded_for: str) -> str:
        """Whom web takes for the reader, when `peer` connects and says that it speaks for another."""
        asked = {"REQUEST_METHOD": "GET", "PATH_INFO": "/healthz", "SERVER_NAME": "localhost", "SERVER_PORT": "80"}
        asked |= {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded_for}
        program = f"import io, sys; from commune.wsgi import application; asked = {asked!r}\n"
        program += "asked['wsgi.input'] = io.BytesIO(); application(asked, lambda *answer: None)\n"
        program += "sys.stdout.write(asked['REMOTE_ADDR'])"
        return self._run(["python", "-c", program], self.environment("web"))

    def stop(self, name: str) -> int:
        """Stop a service as Docker would; its exit code. Raises if it takes longer than Docker waits."""
        process = self.started.pop(name)
        try:
            process.send_signal(signal.SIGTERM)
            return process.wait(float(self.service(name).get("stop_grace_period", "10s").removesuffix("s")))
        finally:
            self._end(process)

    def end(self) -> None:
        for process in self.started.values():
            self._end(process)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def _path(self) -> str:
        return f"{self.folder / 'python' / 'bin'}:/usr/bin:/bin"

    def _command(self, name: str) -> list[str]:
        words = json.loads(last("app", "ENTRYPOINT")) + self.service(name)["command"]
        return [self.here(word, name) for word in words]

    def _run(self, command: list[str], environment: dict[str, str]) -> str:
        done = subprocess.run(
            command, cwd=self.places["/app"], env=environment, capture_output=True, text=True, timeout=240
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def eventually(happens: Callable[[], bool], within: float = 30.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if happens():
            return True
        time.sleep(0.3)
    return happens()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    home = Home(tmp_path / "home")
    home.prepare()
    leases: list[Lease] = []
    made: Machine | None = None
    try:
        leases += [Lease("postgres", home, durable=False), Lease("redis", home, durable=False)]
        made = Machine(tmp_path, *[lease.url for lease in leases])
        yield made
    finally:
        if made is not None:
            made.end()
        for lease in leases:
            lease.release()


# --- It runs


def test_the_services_run_and_their_health_checks_say_so(machine: Machine) -> None:
    machine.build()
    assert list((machine.folder / "app" / "locale").rglob("*.mo"))
    assert (machine.folder / "srv" / "static" / "staticfiles.json").exists()

    link = re.search(r"https://forum\.example\.org(/setup/\S+)", machine.run("migrate"))
    assert link, "a new installation says where to set it up"
    for name in ("web", "live", "worker", "beat"):
        machine.start(name)
    for name in ("web", "live", "worker", "beat"):
        assert eventually(partial(machine.is_well, name)), machine.health(name)[1] + machine.log(name)
    status, page = machine.get(link[1])
    assert status == 200, page
    assert re.search(r'href="/static/\S+\.[0-9a-f]{12}\.css"', page), "static files have a hash in their names"
    assert machine.get("/help/writing/")[0] == 200, "the help comes with the image"

    assert machine.address_seen(peer="172.18.0.7", forwarded_for="203.0.113.9") == "203.0.113.9"
    assert machine.address_seen(peer="198.51.100.4", forwarded_for="203.0.113.9") == "198.51.100.4"

    # Again, as after an upgrade, with the secrets in files: nothing to do, the same link.
    folder = machine.places["/run/secrets"]
    folder.mkdir()
    in_files = {"secret_key": "SECRET_KEY", "email_host_password": "EMAIL_HOST_PASSWORD"}
    for name, variable in in_files.items():
        (folder / name).write_text(machine.variables.pop(variable) + "\n")
    (folder / "database_url").write_text(machine.services.pop("DATABASE_URL") + "\n")
    said = machine.run("migrate", COMPOSE, SECRETS)
    assert link[0] in said
    assert "No migrations to apply" in said
    machine.variables |= {variable: (folder / name).read_text().strip() for name, variable in in_files.items()}
    machine.services["DATABASE_URL"] = (folder / "database_url").read_text().strip()

    # A health check that cannot fail says nothing; nor does one that asks after another service.
    for name in ("worker", "beat", "live", "web"):
        assert machine.stop(name) == 0, machine.log(name)
        assert "Traceback" not in machine.log(name), machine.log(name)
        for path in (machine.folder / f"data-{name}").glob("beat-schedule*"):
            os.utime(path, (time.time() - 3600, time.time() - 3600))
        assert machine.health(name)[0] != 0


@pytest.mark.parametrize("missing", ["SITE_URL", "EMAIL_HOST", "DEFAULT_FROM_EMAIL"])
def test_compose_names_what_is_missing(missing: str) -> None:
    variables = {name: value for name, value in env_file(ROOT / ".env.example").items() if name != missing}
    with pytest.raises(KeyError, match=missing):
        interpolated(loaded(COMPOSE), variables)


def test_the_proxy_leads_what_is_told_live_to_its_process_and_does_not_hold_it_back() -> None:
    caddy = (ROOT / "docker" / "Caddyfile").read_text()
    route = re.search(r"handle /live/\* \{\s+reverse_proxy live:8000 \{\s+flush_interval -1", caddy)
    assert route
    assert route.start() < caddy.index("reverse_proxy web:8000")
    assert SERVICES["web"]["environment"]["LIVE_URL"] == "${LIVE_URL-/live/}"
    assert set(SERVICES["live"]["networks"]) == {"data", "outside"}


# --- It is what Compose understands, and keeps the rules of the house


@pytest.mark.parametrize("path", [COMPOSE, SECRETS], ids=lambda path: path.name)
def test_the_file_fits_the_compose_specification(path: Path) -> None:
    published = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(published.read_text())
    checker = validator_for(schema)
    checker.check_schema(schema)
    assert [error.message for error in checker(schema).iter_errors(loaded(path))] == []


SERVICES: dict[str, dict[str, Any]] = loaded(COMPOSE)["services"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_keeps_the_rules(name: str) -> None:
    service = SERVICES[name]
    assert str(service["user"]).split(":")[0] not in {"", "0", "root"}
    assert "privileged" not in service
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert "no-new-privileges:true" in service["security_opt"]
    assert ("ports" in service) == (name == "proxy"), "only the proxy is to be reached from outside"
    assert service.get("network_mode") is None
    assert ("outside" in service["networks"]) == (name not in {"postgres", "redis"})
    assert "max-size" in service["logging"]["options"], "logs do not fill the disk"
    if name == "migrate":  # ends by itself, and the others wait for it
        assert service["restart"] == "no"
        return
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_a_service_waits_for_the_migrations(name: str) -> None:
    assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert SERVICES["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_every_volume_and_network_is_declared_and_used() -> None:
    whole = loaded(COMPOSE)
    for kind in ("volumes", "networks"):
        used = {item.split(":")[0] for service in SERVICES.values() for item in service.get(kind, [])}
        assert used == set(whole[kind])
    assert whole["networks"]["data"]["internal"] is True


def test_images_are_pinned_and_their_users_are_those_of_the_services() -> None:
    ours = dockerfile()
    from_outside = [last(stage, "FROM").split()[0] for stage in ours]
    from_outside += [service["image"] for service in SERVICES.values() if "build" not in service]
    for image in from_outside:
        assert re.fullmatch(r"[\w./-]+:\d+\.\d+[\w.-]*", image), f"{image} has no minor version"
    for service in SERVICES.values():
        if "build" in service:
            assert last(service["build"]["target"], "USER") == service["user"]


def test_no_secret_is_in_the_files() -> None:
    for path in (COMPOSE, SECRETS, ROOT / "Dockerfile"):
        for line in path.read_text().splitlines():
            value = re.match(r"\s*(\w*(?:PASSWORD|SECRET_KEY))\s*[:=]\s*(.*)", line)
            assert value is None or value[2].startswith(("${", "only-while-the-image-is-being-built")), line
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {".env", "/secrets/"} <= set(ignored)


# --- What is written about it


def variables_of_the_settings() -> set[str]:
    found = re.findall(r"""\b(env\.\w+|secret)\(\s*"(\w+)\"""", (ROOT / "commune" / "settings.py").read_text())
    return {name for _, name in found} | {f"{name}_FILE" for kind, name in found if kind == "secret"}


def test_every_variable_is_documented() -> None:
    told = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "hosting.md").read_text()))
    assert variables_of_the_settings() - told == set()


def test_every_variable_can_be_given_to_a_container() -> None:
    image = set(re.findall(r"(\w+)=", last("app", "ENV")))
    given = set(SERVICES["web"]["environment"]) | set(loaded(SECRETS)["services"]["web"]["environment"]) | image
    # Of no use there: who listens where is the image's business, and development is elsewhere.
    elsewhere = {"COMMUNE_DEVELOPMENT", "HOST", "MAIL_TRANSPORT", "REDIS_URL_FILE"}
    assert variables_of_the_settings() - given == elsewhere
