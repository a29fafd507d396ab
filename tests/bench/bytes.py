"""Adds up what bytes.sh measured:   bytes.py FOLDER, of mnist.json, cifar.json, wide.json and onednn."""

import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
names = {"mnist": "`sparse_mnist.btn`", "cifar": "`sparse_cifar.btn`", "wide": "`sparse_wide.btn`"}
onednn = {}
for line in (folder / "onednn").read_text().splitlines():
    key, value = line.split()[:2]
    onednn[key] = float(value)

print("| | oneDNN's sums | bouton | sums | depression | pools | least time of the sums | ratio now | least sums, "
      "the rest as it is | least sums, the rest free |")
print("|---|---|---|---|---|---|---|---|---|---|")
for name, shown in names.items():
    bench = json.loads((folder / f"{name}.json").read_text())
    peak = 4 * bench["peak_multiply_adds_per_second"]
    sums = depression = pools = least = 0.0
    for row in bench["layers"]:
        if "share_of_8_bit_inference" not in row:
            continue
        seconds = row["median_seconds"] / row["batch"]
        if row["work"] == "depress":
            depression += seconds
        elif row["kind"] == "pool":
            pools += seconds
        else:
            sums += seconds
            operations = min(1, 2 * row.get("live_quads", 0.5))
            least += row["inputs"] * row["neurons"] * row["places"] * operations / peak
    now = 1 / next(n["samples_per_second"] for n in bench["network"] if n["form"] == "8-bit")
    peer = 1 / onednn[f"{name}.u8s8"]
    cells = [f"{1e6 * t:.1f} µs" for t in (peer, now, sums, depression, pools, least)]
    ratios = [f"{peer / t:.2f}" for t in (now, least + depression + pools, least)]
    print(f"| {shown} | " + " | ".join(cells + ratios) + " |")
