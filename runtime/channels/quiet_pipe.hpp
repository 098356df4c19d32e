// SIGPIPE, kept away from threads that run libcurl: under CURLOPT_NOSIGNAL it leaves the signal alone, and
// OpenSSL's writes to a closed connection raise it.
#pragma once

#include <csignal>

namespace wf::channels {

/// For the calling thread, for the rest of its life.
inline void block_sigpipe() {
  sigset_t pipe_only;
  sigemptyset(&pipe_only);
  sigaddset(&pipe_only, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_only, nullptr);
}

}  // namespace wf::channels
