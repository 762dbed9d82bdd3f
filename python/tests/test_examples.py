"""The examples, notebooks and pages do what they say."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

PYTHON = Path(__file__).resolve().parents[1]


def test_parameters_are_inferred():
    infer = runpy.run_path(str(PYTHON / "examples" / "infer.py"))
    true = np.array([[240.0, 3.0]])
    observed = infer["statistics"](np.repeat(true, 200, axis=0), seed=99, engine="cpu").mean(axis=0)
    chosen, weights = infer["infer"](observed, candidates=4000, rounds=3, kept=200, engine="cpu")
    mean = weights @ chosen
    deviation = np.sqrt(weights @ (chosen - mean) ** 2)
    # Within three deviations of the posterior, which is narrow: a tenth of the prior's range at most.
    assert np.all(np.abs(mean - true[0]) < 3 * deviation) and np.all(deviation < 0.1 * (infer["HIGH"] - infer["LOW"]))


@pytest.mark.parametrize("path", sorted((PYTHON / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_run(path, tmp_path, monkeypatch):
    # The notebook's own backend, which shows figures.
    monkeypatch.delenv("MPLBACKEND", raising=False)
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    assert path.stat().st_size < 200_000
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        # On a machine for tests, a tenth of the neurons will do.
        cell.source = cell.source.replace("10_000", "1_000")
    client = nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    figures = sum("image/png" in output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", []))
    assert figures > 0
