"""Writes the seeds: small files of each kind, beside this script. Needs numpy, scipy, h5py."""

import io
from pathlib import Path

import h5py
import numpy as np
import scipy.io

HERE = Path(__file__).parent / "seeds"
rng = np.random.default_rng(1)
x = rng.normal(size=40).round(3)
t = np.arange(40) * 0.001


def path(target, name):
    folder = HERE / target
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def write(target, name, content):
    path(target, name).write_bytes(content if isinstance(content, bytes) else content.encode())


for version in ["earliest", "latest"]:
    with h5py.File(path("hdf5", f"{version}.h5"), "w", libver=version) as f:
        f["x"], f["t"] = x.astype("f4"), t
        f.create_dataset("packed", data=np.arange(60).reshape(3, 20), chunks=(2, 8), compression="gzip", shuffle=True)
        f["text"] = "some text"
with h5py.File(path("hdf5", "growing.h5"), "w", libver="latest") as f:
    f.create_dataset("x", data=x, chunks=(8,), maxshape=(None,), fletcher32=True)
    f.create_dataset("empty", shape=(100,), dtype="f8")
with h5py.File(path("hdf5", "v73.mat"), "w", userblock_size=512) as f:
    f["x"] = x[None, :]
    f["x"].attrs["MATLAB_class"] = np.bytes_("double")
    f.create_dataset("e", data=np.array([0, 5], "u8"))
    f["e"].attrs["MATLAB_class"] = np.bytes_("double")
    f["e"].attrs["MATLAB_empty"] = np.uint8(1)
    f.create_group("#refs#")
marked = path("hdf5", "v73.mat").read_bytes()
write("hdf5", "v73.mat", b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + marked[128:])

for packed in [False, True]:
    scipy.io.savemat(
        path("matlab", f"v5_{'packed' if packed else 'plain'}.mat"),
        {"x": x, "t": t, "small": np.int8([[1, 2], [3, 4]]), "z": x[:3] + 1j, "s": "text", "c": np.array([1, "a"], object), "st": {"a": 1}},
        do_compression=packed,
    )

np.save(path("numpy", "x.npy"), x)
np.save(path("numpy", "matrix.npy"), np.asfortranarray(np.arange(12, dtype="i2").reshape(3, 4)))
np.save(path("numpy", "records.npy"), np.zeros(2, [("a", "f4"), ("b", "i8")]))
np.savez(path("numpy", "several.npz"), x=x, t=t, text=np.array("a"))
np.savez_compressed(
    path("numpy", "own.npz"), neuron=np.uint32([0, 1, 0]), step=np.uint32([3, 5, 9]), dt_ms=0.1, neurons=np.uint32(2), steps=np.uint32(20), seed=np.uint64(1)
)

for n, text in enumerate(
    [
        "t,v\n0,1.5\n0.1,2\n0.2,3e-3\n",
        "Zeit;Spannung\ns;mV\n0,1;2,5\n0,2;3,5\n",
        "# a comment\n\ntime (ms)\tv [mV]\n0\t-65\n1\t-64.5\n",
        "0.1 0.2 0.35\n",
        '"t","v"\n"1,5","2"\n"2,5","3"\n',
        "sep=;\na;b\n1;2\n3;\n",
        "# name: x\n# type: matrix\n1 2\n",
        "\ufeffspikes\n0.1\nNaN\ninf\n",
    ]
):
    write("text", f"table_{n}.csv", b"\x00\x00\x00" + text.encode())
write("text", "latin.csv", b"\x02\x02\x02" + "t;v (µA)\n\n1,5;2\n2,5;3\n".encode("latin-1"))
write("text", "wide.csv", b"\x00\x00\x00" + "t,v\n0,1\n1,2\n".encode("utf-16"))

write("experiment", "small.toml", 'neurons = 10\nduration = "20ms"\nseed = 3\n[stimulus]\namplitude = "0.3 nA"\n[noise]\nkind = "ou"\nsigma = 40\ntau = 5\n')
write(
    "experiment",
    "populations.toml",
    '[[population]]\nname = "a"\nneurons = 3\ntau_m = "normal(10 ms, 1 ms, min=5)"\n[[population]]\nname = "b"\nmodel = "hodgkin_huxley"\nneurons = 2\n'
    'g_na = {distribution = "uniform", low = 100, high = 140}\nnoise.kind = "none"\nstimulus.from = 1\nstimulus.to = 5\n',
)
write("experiment", "sweep.toml", 'duration = 30\nfrom = 5\nto = "20 ms"\n[sweep]\nnoise.sigma = [0, 1]\ntau_m = "10:20:5"\n[run]\nrecord = "none"\nwindow = "5ms"\n')
write("experiment", "arrays.toml", 'loligo = "0.1.0"\nneurons = 2\nv_th = [-50, -49.5]\n[parameters]\ne_l = -65\n')
write("flags", "one.txt", "neurons=5\ntau_m=20\nstimulus.amplitude=0.3 nA\nv_th=normal(-55, 1)\n/noise.sigma=0,1,3\n")
write("flags", "two.txt", "model=hodgkin_huxley\nneurons=1e1\nduration=10ms\nnoise.kind=ou\nnoise.tau=5 ms\n/stimulus.amplitude=5:10:2.5\n")
write("flags", "three.txt", "noise.sigma=0,1,2\nneurons=3\nt_ref=lognormal(2, 0.5, max=4)\nseed=18446744073709551615\nfrom=1s\n")
