"""Loaded by the fork server before its first fork: everything that workers share."""

import gc
import platform

gc.disable()  # nothing of what is imported here is garbage, and looking for it costs 5 ms

import chaoslib.experiment  # noqa: E402
import chaoslib.run  # noqa: E402, F401

import gameday.adapters.chaostoolkit.worker  # noqa: E402, F401

platform.platform()  # each journal holds it, and it runs a program the first time

gc.freeze()  # workers then leave these pages alone, so forks share them
gc.enable()
