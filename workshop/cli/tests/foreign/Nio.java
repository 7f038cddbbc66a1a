import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.regex.Pattern;

/** The protocol in Java, one thread and a selector: java Nio.java --listen 127.0.0.1:0 */
public class Nio {
    static final int MAX_LINE = 16_384;
    static final int RECEIVE_SIZE = 16_384;
    static final int HIGH_WATER = 64 * 1024;
    static final int LOW_WATER = 16 * 1024;
    static final int REST_MS = 100;
    static final String USAGE = "usage: java Nio.java [--listen HOST:PORT] [--help] [--version]";

    static byte turned(byte b) {
        int letter = b | 0x20;
        if (letter < 'a' || letter > 'z') return b;
        return (byte) (letter <= 'm' ? b + 13 : b - 13);
    }

    static class Client {
        /** Where everybody's bytes are received: there is one thread. */
        static final ByteBuffer RECEIVED = ByteBuffer.allocateDirect(RECEIVE_SIZE);

        final SocketChannel channel;
        /** Answers, and from {@code answered} on the line that has no end yet. */
        byte[] rotated = new byte[256];
        int answered, end;
        boolean hasSaidAll, isHeldBack;

        Client(SocketChannel channel) {
            this.channel = channel;
        }

        void add(byte b) {
            if (end == rotated.length) rotated = java.util.Arrays.copyOf(rotated, 2 * end);
            rotated[end++] = b;
        }

        void receive() throws IOException {
            hasSaidAll = channel.read(RECEIVED.clear()) < 0;
            for (RECEIVED.flip(); RECEIVED.hasRemaining(); ) {
                byte b = RECEIVED.get();
                if (end - answered == MAX_LINE && b != '\n') {
                    add((byte) '\n');
                    answered = end;
                }
                add(turned(b));
                if (b == '\n') answered = end;
            }
            if (hasSaidAll) answered = end;
        }

        void send() throws IOException {
            int taken = channel.write(ByteBuffer.wrap(rotated, 0, answered));
            System.arraycopy(rotated, taken, rotated, 0, end - taken);
            answered -= taken;
            end -= taken;
        }

        /** Does what can be done, and says what to wait for: 0 when the conversation is over. */
        int serve(boolean isReadable) throws IOException {
            if (isReadable) receive();
            if (answered > 0) send();
            isHeldBack = answered >= (isHeldBack ? LOW_WATER : HIGH_WATER);
            return (hasSaidAll || isHeldBack ? 0 : SelectionKey.OP_READ)
                    | (answered > 0 ? SelectionKey.OP_WRITE : 0);
        }
    }

    static void serve(SelectionKey key) {
        Client client = (Client) key.attachment();
        int interest = 0;
        try {
            interest = client.serve(key.isReadable());
        } catch (IOException gone) {
            // this client has gone
        }
        if (interest != 0) {
            key.interestOps(interest);
            return;
        }
        try {
            client.channel.close();
        } catch (IOException gone) {
            // it is closed all the same
        }
    }

    /** False if there is no descriptor left. */
    static boolean acceptAll(ServerSocketChannel listener, Selector selector) {
        try {
            for (SocketChannel channel; (channel = listener.accept()) != null; ) {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.register(selector, SelectionKey.OP_READ, new Client(channel));
            }
            return true;
        } catch (IOException scarce) {
            return false;
        }
    }

    static void run(ServerSocketChannel listener, Selector selector) throws IOException {
        SelectionKey door = listener.register(selector, SelectionKey.OP_ACCEPT);
        while (true) {
            selector.select(door.interestOps() == 0 ? REST_MS : 0);
            door.interestOps(SelectionKey.OP_ACCEPT);
            for (SelectionKey key : selector.selectedKeys()) {
                if (key != door) serve(key);
                else if (!acceptAll(listener, selector)) door.interestOps(0);
            }
            selector.selectedKeys().clear();
        }
    }

    static void fail(int status, String message) {
        System.err.println(message);
        System.exit(status);
    }

    public static void main(String[] arguments) throws IOException {
        String address = "127.0.0.1:40713";
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--help" -> {
                    System.out.println(USAGE);
                    return;
                }
                case "--version" -> {
                    System.out.println("Nio 1.0");
                    return;
                }
                case "--listen" -> address = ++i < arguments.length ? arguments[i] : "";
                default -> fail(2, "unknown: " + arguments[i] + "\n" + USAGE);
            }
        }
        var parts = Pattern.compile("(\\[[^]]+]|[^:]+):(\\d{1,5})").matcher(address);
        if (!parts.matches() || Integer.parseInt(parts.group(2)) > 65_535) {
            fail(2, "write HOST:PORT\n" + USAGE);
        }
        var selector = Selector.open();
        var listener = ServerSocketChannel.open();
        try {
            var where = new InetSocketAddress(parts.group(1), Integer.parseInt(parts.group(2)));
            listener.configureBlocking(false);
            listener.bind(where, 4_096);
        } catch (IOException | RuntimeException error) {
            fail(1, "cannot listen on " + address + ": " + error.getMessage());
        }
        var own = (InetSocketAddress) listener.getLocalAddress();
        String host = own.getAddress().getHostAddress();
        if (host.contains(":")) host = "[" + host + "]";
        System.out.println("listening on " + host + ":" + own.getPort());
        run(listener, selector);
    }
}
