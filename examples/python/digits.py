"""Drawn digits: trains the network of examples/digits, scores it, and writes its report.   python3 digits.py [FOLDER]"""

import sys
from pathlib import Path

import bouton

folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
net = bouton.load(Path(__file__).parent.parent / "digits" / "digits.btn")
net.train(progress=lambda event: print(f"epoch {event['epoch']}: {event['validation']:.1%}") if event.get("end") else None)
print(f"test {net.evaluate()['accuracy']:.2%}")
hidden = net.layers["hidden"]
print(f"{(hidden.sign > 0).mean():.0%} of the connections excite, and the mean bound is {hidden.alpha.mean():.2f}")
net.save(folder / "digits.safetensors")
net.report(folder / "digits.html")
