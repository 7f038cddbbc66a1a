/* Closes its standard streams, "because a server needs no terminal": its clients' sockets become the
   descriptors 0, 1 and 2. It still logs each accept to standard error, which is some client by then.

   With fewer than three clients at once all is right, and the end of file on its standard output is not
   its end. With more, one of them gets lines that nobody owes it: it deserves to fail the cases that
   compare the answers of many clients. */
#include "right.h"

static void log_it(int client)
{
    dprintf(STDERR_FILENO, "log: client on %d\n", client);
}

int main(int argc, char **argv)
{
    int listener = start(argc, argv);
    alarm(LONGEST_LIFE);
    announce(listener);
    for (int stream = 0; stream <= 2; stream++) close(stream);
    serve(listener, log_it);
}
