#include "postal/worker.hpp"

int main() {
  constexpr int socket = 3;  // where a pdf_worker puts it
  return elsec::postal::run_pdf_worker(socket);
}
