"""Writes template.nwb.gz: an NWB file without spikes, into which src/output/formats/nwb.rs writes its own.

Needs pynwb: `pip install pynwb`, then `python src/output/formats/nwb/template.py`. It is made anew only for another version
of NWB: a reference from one set to another and the types by which pynwb knows them are what hdf5-pure cannot write.
"""

import datetime
import gzip

import h5py
import numpy as np
from hdmf.common import VectorData, VectorIndex
from pynwb import NWBHDF5IO, NWBFile, H5DataIO
from pynwb.core import ScratchData
from pynwb.misc import Units

CHUNK = 32_768
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def growing(dtype):
    return H5DataIO(np.zeros(0, dtype), maxshape=(None,), chunks=(CHUNK,))


file = NWBFile(
    session_description="0",
    identifier="0",
    session_start_time=EPOCH,
    file_create_date=[EPOCH],
)
times = VectorData(name="spike_times", description="the spike times of each neuron, in seconds", data=growing("f8"))
ends = VectorIndex(name="spike_times_index", target=times, data=growing("u8"))
population = VectorData(
    name="population", description="the index of the population in the experiment", data=growing("u4")
)
file.units = Units(
    name="units",
    description="the neurons whose spikes were kept; id is the index of the neuron",
    id=growing("i8"),
    columns=[times, ends, population],
    colnames=["spike_times", "population"],
)
file.add_scratch(
    ScratchData(
        name="experiment",
        description="a TOML file in UTF-8: `loligo run` simulates it again",
        data=growing("u1"),
    )
)
path = "target/template.nwb"
# The format of HDF5 1.10: what hdf5-pure adds to.
with h5py.File(path, "w", libver=("v110", "v110")) as h5:
    with NWBHDF5IO(file=h5, mode="w") as io:
        io.write(file)
with h5py.File(path, "r+", libver=("v110", "v110")) as h5:
    # An index of chunks is made with the first number, and stays; hdf5-pure adds to one that is there.
    growing_sets = ["scratch/experiment"]
    growing_sets += ["units/" + name for name in ("id", "population", "spike_times", "spike_times_index")]
    for name in growing_sets:
        h5[name].resize((1,))
        h5[name][0] = 1
        h5[name].resize((0,))
    h5["units"].attrs["colnames"] = ["spike_times", "population"]
    # Of fixed length, so that other texts can take their places in the file's bytes.
    for name, length in ("identifier", 64), ("session_description", 128):
        del h5[name]
        h5[name] = np.bytes_(name.upper().ljust(length, "."))
with open(path, "rb") as plain, gzip.GzipFile("src/output/formats/nwb/template.nwb.gz", "wb", 9, mtime=0) as packed:
    packed.write(plain.read())
