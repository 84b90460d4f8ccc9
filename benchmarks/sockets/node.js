// The Node server beside Kith: rooms, an event on request, and something to compute over HTTP.
//
//     node node.js PORT LINES [REDIS_URL]
const http = require("http");
const net = require("net");
const { Server } = require("socket.io");

const [port, lines, redisUrl] = process.argv.slice(2);

const server = http.createServer((request, response) => {
  const end = performance.now() + 5;
  while (performance.now() < end);
  response.end("done");
});
const io = new Server(server, { transports: ["websocket"], pingInterval: 25000, pingTimeout: 20000 });
io.on("connection", (socket) => {
  socket.on("join", (room, done) => {
    socket.join(room);
    done();
  });
  socket.on("say", (room, said) => io.to(room).emit("changed", said));
});

// One line is one event: a room, a space, and what is told there.
net
  .createServer((from) => {
    let rest = "";
    from.setEncoding("utf8");
    from.on("data", (data) => {
      const whole = (rest + data).split("\n");
      rest = whole.pop();
      for (const line of whole) {
        const space = line.indexOf(" ");
        io.to(line.slice(0, space)).emit("changed", JSON.parse(line.slice(space + 1)));
      }
    });
    from.on("error", () => {});
  })
  .listen(Number(lines), "127.0.0.1");

async function begin() {
  if (redisUrl) {
    const { createClient } = require("redis");
    const { createAdapter } = require("@socket.io/redis-adapter");
    const tongue = createClient({ url: redisUrl });
    const ear = tongue.duplicate();
    await Promise.all([tongue.connect(), ear.connect()]);
    io.adapter(createAdapter(tongue, ear));
  }
  server.listen(Number(port), "127.0.0.1", () => console.log(process.pid));
}
begin();
