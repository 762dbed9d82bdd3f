"""Checks that kernel.cu does what Loligo does: compiled for the host, it must give the spikes of the CPU engine.

    python check_host.py PATH_OF_LOLIGO

Of both models, with noise and without, at least 99.9 % of the spikes must fall on the same step of the same
neuron. That takes the same random numbers, parameters and arithmetic; the rest is the exponential function,
which rounds differently. A constant that is wrong in its last digits hardly moves a spike: so the numbers in each
function are compared with those in the shaders as well. Needs g++ and NumPy; exits 1 if they disagree. To see
that it can:

    python check_host.py PATH_OF_LOLIGO --spoil 20.085537f=20.185537f

On a machine with a GPU, `--kernel PATH` checks the program that nvcc has made. Its exponential function is that of
the device, so that fewer Hodgkin-Huxley spikes coincide: `--least 0.99` asks for fewer.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np

from gpu import HERE
from works import PARAMETERS

NEURONS = 2000
# (model, noise): steps
CHECKS = {
    ("lif", "white"): 10000,
    ("lif", "none"): 10000,
    ("hodgkin_huxley", "white"): 10000,
    ("hodgkin_huxley", "none"): 10000,
    # The last word of 32 steps is not full.
    ("lif", "white", "uneven"): 1003,
}

PACKED = HERE / "shaders"
SHADERS = PACKED if PACKED.exists() else HERE.parent.parent.parent / "shaders"
# Function, where it is here, and in the shaders.
FUNCTIONS = [
    ("radius_squared", "random.h", "random.wgsl"),
    ("normal_pair", "random.h", "random.wgsl"),
    ("exprelr", "models.h", "math.wgsl"),
    ("phi_far", "models.h", "math.wgsl"),
    ("phi_near", "models.h", "math.wgsl"),
    ("phi_nearest", "models.h", "math.wgsl"),
    ("step", "models.h", "models/lif_euler.wgsl"),
    ("step", "models.h", "models/hodgkin_huxley_staggered_fine.wgsl"),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("loligo", type=Path)
    parser.add_argument("--seed", type=int, default=(7 << 32) + 5)
    parser.add_argument("--spoil", metavar="OLD=NEW", help="replace a text in the sources first")
    parser.add_argument("--kernel", type=Path, help="a program to check, instead of one compiled for the host")
    parser.add_argument("--least", type=float, default=0.999, help="share of the spikes that must coincide")
    args = parser.parse_args()
    agrees = SHADERS.is_dir()
    if not agrees:
        print(f"{SHADERS}: there are no shaders to compare with")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        host = compile_kernel(folder, args.spoil)
        kernel = args.kernel.resolve() if args.kernel else host
        for function, here, there in FUNCTIONS if agrees else ():
            number = int("hodgkin" in there)  # of those that have the name
            differ = numbers(folder / "cuda" / here, function, number) ^ numbers(SHADERS / there, function, 0)
            if differ:
                agrees = False
                print(f"{function} in {here} and in {there} differ in {', '.join(map(str, sorted(differ)))}")
        for (model, noise, *_), steps in CHECKS.items():
            ours = loligo_spikes(args.loligo, model, noise, steps, args.seed, folder / "out")
            theirs = kernel_spikes(kernel, model, noise, steps, args.seed, folder / "spikes.csv")
            common = len(np.intersect1d(ours, theirs, assume_unique=True))
            share = common / max(len(ours), len(theirs), 1)
            good = share >= args.least
            agrees &= good
            print(f"{model}, {noise}, {steps} steps: {len(ours)} spikes of Loligo, {len(theirs)} of the kernel, "
                  f"{share:.6f} coincide{'' if good else ': TOO FEW'}")
    sys.exit(0 if agrees else 1)


def compile_kernel(folder, spoil):
    old, new = spoil.split("=") if spoil else ("", "")
    found = False
    (folder / "cuda").mkdir()
    for name in ("kernel.cu", *(f"cuda/{path.name}" for path in (HERE / "cuda").glob("*.h"))):
        text = (HERE / name).read_text()
        found |= old in text
        (folder / name).write_text(text.replace(old, new) if spoil else text)
    if not found:
        sys.exit(f"error: {old} is in none of the sources")
    kernel = folder / "kernel_host"
    command = ["g++", "-O2", "-std=c++17", "-x", "c++", "-DHOST", "-o", kernel, folder / "kernel.cu"]
    subprocess.run(command, check=True)
    return kernel


def numbers(file, function, number):
    """The numbers in the body of a function, but for 0 and 1."""
    begins = list(re.finditer(rf"(?:fn|float|bool|NormalPair) {function}\(.*{{\n", file.read_text()))
    text = begins[number].string[begins[number].end() :]
    body = text[: re.search(r"^ *}$", text, re.MULTILINE).start()]
    body = re.sub(r"//.*", "", body)
    found = re.findall(r"(?<![\w.])(0x[0-9a-f]+|[0-9.]+(?:e-?[0-9]+)?)[fu]?\b", body)
    return {float(int(text, 16)) if text.startswith("0x") else float(text) for text in found} - {0.0, 1.0}


def keys(neuron, step):
    """A number for each spike."""
    return np.asarray(neuron, np.int64) << 32 | np.asarray(step, np.int64)


def loligo_spikes(loligo, model, noise, steps, seed, out):
    """Loligo is told all parameters, so that works.py, its defaults and the kernel are compared at once."""
    values = asdict(PARAMETERS[model]())
    dt, stimulus, sigma = (values.pop(key) for key in ("dt", "stimulus", "sigma"))
    values["stimulus.amplitude"] = stimulus
    if noise == "white":
        values["noise.sigma"] = sigma
    command = [loligo, "run", "--quiet", "--engine", "cpu", "--out", out, "--force", "--seed", str(seed)]
    command += ["--model", model, "--noise", noise, "--neurons", str(NEURONS)]
    command += ["--dt", str(dt), "--duration", str(round(steps * dt, 9))]
    for key, value in values.items():
        command += ["--set", f"{key}={value}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with np.load(next(out.rglob("spikes.npz"))) as spikes:
        return keys(spikes["neuron"], spikes["step"])


def kernel_spikes(kernel, model, noise, steps, seed, file):
    command = [kernel, "--model", model, "--noise", noise, "--neurons", str(NEURONS), "--steps", str(steps)]
    command += ["--seed", str(seed), "--repetitions", "1", "--spikes", file]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return keys(*np.loadtxt(file, dtype=np.int64, delimiter=",", ndmin=2).T.reshape(2, -1))


if __name__ == "__main__":
    main()
