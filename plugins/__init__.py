"""The built-in plugins, installed as `sllm_plugins` and found through the same entry points as anyone's."""

if __name__ != "sllm_plugins":
    raise ImportError(f"this folder is imported as sllm_plugins, not as {__name__}")
