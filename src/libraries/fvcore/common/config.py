"""Configurations as yacs has them."""
from _libraries.cfg_node import CfgNode
