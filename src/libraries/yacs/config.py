"""CfgNode."""
from _libraries.cfg_node import CfgNode
