import { expect, test } from "vitest";
import { isPrivateHost } from "../../../src/source/hub/private-address.ts";

const hostOf = (address: string) => new URL(`http://${address}/`).hostname;

test.each([
  "127.0.0.1",
  "127.8.9.1",
  "0.0.0.0",
  "10.1.2.3",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "169.254.169.254", // where clouds give credentials to whoever asks
  "100.100.100.200", // Alibaba Cloud
  "224.0.0.1",
  "255.255.255.255",
  "2130706433",
  "0x7f.1",
  "0177.0.0.1",
  "[::1]",
  "[::]",
  "[fe80::1]",
  "[fd00:ec2::254]",
  "[::ffff:127.0.0.1]",
  "[::ffff:a00:1]",
  "[::ffff:7f00:1]",
  "[::127.0.0.1]",
  "[::a00:1]",
  "[::ffff:0:127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[64:ff9b:1::808:808]",
  "[2002:7f00:1::]",
  "[2002:a9fe:a9fe::1]",
  "[2001:0:808:808:0:1234:80ff:fffe]", // a client of Teredo at 127.0.0.1
  "[2001:0:c0a8:101:0:1234:f7f7:f7f7]", // and its server at 192.168.1.1
  "0177.1",
  "0x7f000001",
  "017700000001",
  "localhost",
  "localhost.",
  "a.localhost",
  "printer.local",
  "metadata.google.internal",
  "router.lan",
  "intranet",
])("%s is private", (address) => {
  expect(isPrivateHost(hostOf(address))).toBe(true);
});

test("an address with a zone is private", () => {
  expect(isPrivateHost("fe80::1%eth0")).toBe(true);
});

test.each([
  "huggingface.co",
  "us.aws.cdn.hf.co",
  "localhost.example",
  "8.8.8.8",
  "172.15.0.1",
  "172.32.0.1",
  "192.167.1.1",
  "100.63.0.1",
  "100.128.0.1",
  "[2606:4700::1111]",
  "[::ffff:8.8.8.8]",
  "[64:ff9b::8.8.8.8]", // what DNS64 makes of a public address
  "[2002:808:808::1]",
  "[2001:0:808:808:0:1234:f7f7:f7f7]",
  "134744072",
])("%s is public", (address) => {
  expect(isPrivateHost(hostOf(address))).toBe(false);
});
