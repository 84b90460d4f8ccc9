// The live channel, loaded once the page is usable.
import { io } from "socket.io-client";

window.kithSocket = io({ transports: ["websocket"] });
