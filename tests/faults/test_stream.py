"""The stream under fire: its leader killed, its majority gone, everything sent twice, by real consumers."""
