#!/bin/sh
# Whatever it is asked for, it prints for ever, on the output of this number.
exec yes "and another thing" >&"$1"
