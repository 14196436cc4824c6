import nox
nox.options.default_venv_backend = "uv"
DEPS = ["a>=1", 'b']

@nox.session(python=["3.12"])
def tests(session):
    """session.install("no")"""
    session.env["PIP_INDEX_URL"] = "https://example.com/simple"
    session.install("pytest", *DEPS, "-r", f"r-{x}.txt", silent=True)
    session.run("pip", "install", r"\d", str(p), external=True)
