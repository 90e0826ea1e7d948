# -DMLENVCTL_SANITIZE=address,undefined (or thread) instruments everything that is built.
if(MLENVCTL_SANITIZE)
  add_compile_options(-fsanitize=${MLENVCTL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g1)
  add_link_options(-fsanitize=${MLENVCTL_SANITIZE})
endif()
