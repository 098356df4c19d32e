#include "runtime/store/memory_store.hpp"
#include "runtime/store/store.hpp"

namespace wf::store {

Result<std::unique_ptr<Store>> open_store(const std::string& address, const OpenOptions&) {
  if (address == "memory:") return std::unique_ptr<Store>(std::make_unique<MemoryStore>());
  return Error{ErrorCode::invalid,
               "the store address '" + address + "' starts with neither memory: nor sqlite:"};
}

}  // namespace wf::store
