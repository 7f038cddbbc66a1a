#!/bin/sh
# It ends, and leaves somebody who has another session and another environment, and holds its outputs.
setsid env -i sleep 150 &
exit 3
