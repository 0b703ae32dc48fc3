#include "postal/job.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace elsec::postal {

namespace {

using control_buffer = std::array<char, CMSG_SPACE(sizeof(int) * job_files)>;

std::vector<unique_fd> take_files(msghdr& message) {
  std::vector<unique_fd> files;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
      files.emplace_back(fd);
    }
  }
  return files;
}

}  // namespace

domain::result<void> send_packet(int socket, std::span<const std::uint8_t> data, std::span<const int> files) {
  iovec body{const_cast<std::uint8_t*>(data.data()), data.size()};
  msghdr message{};
  message.msg_iov = &body;
  message.msg_iovlen = 1;
  alignas(cmsghdr) control_buffer control{};
  if (!files.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(files.size_bytes());
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(files.size_bytes());
    std::memcpy(CMSG_DATA(part), files.data(), files.size_bytes());
  }
  ssize_t sent = 0;
  do sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent < 0) return fail_errno(errno, "sendmsg");
  return {};
}

domain::result<packet> receive_packet(int socket) {
  packet received;
  received.data.resize(job_message_bytes_max);
  iovec body{received.data.data(), received.data.size()};
  alignas(cmsghdr) control_buffer control{};
  msghdr message{};
  message.msg_iov = &body;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t got = 0;
  do got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got < 0) return fail_errno(errno, "recvmsg");
  received.files = take_files(message);
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    return domain::fail(domain::error_code::bad_request, "A message between the worker's processes is too large.");
  received.data.resize(static_cast<std::size_t>(got));
  return received;
}

}  // namespace elsec::postal
