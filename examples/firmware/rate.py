"""Prints the bytes of a rate as a state holds it, in floats or in whole numbers:   python3 rate.py RATE NUMBERS"""
import struct
import sys

rate, numbers = float(sys.argv[1]), sys.argv[2]
sys.stdout.buffer.write(struct.pack("<f", rate) if numbers == "floats" else struct.pack("<I", round(rate * 65536)))
